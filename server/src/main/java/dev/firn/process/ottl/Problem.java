package dev.firn.process.ottl;

/// What is wrong with a statement or condition.
///
/// @param inConditions whether `index` counts conditions or statements
/// @param column of the text, from 1
/// @param warning the text is left out and the rest works; else nothing may start
/// @param text what is wrong and what to do, without the place
public record Problem(boolean inConditions, int index, int column, boolean warning, String text) {
    @Override
    public String toString() {
        return "column " + column + ": " + text;
    }
}
