package dev.firn.alert.template;

/// A template that cannot be read or filled in.
public final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TemplateException(String message) {
        super(message, null, false, false);
    }
}
