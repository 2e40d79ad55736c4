package dev.firn.config;

/// A statement or condition as it stands in the file, for the room that parses it.
///
/// @param place `file:line`
/// @param path of its key, such as `processors.transform.metric_statements[0].statements[1]`
public record Statement(String text, String place, String path) {
    /// A mistake or warning about it, in the form that all of them have.
    public String message(String what) {
        return place + ": " + path + ": " + what;
    }
}
