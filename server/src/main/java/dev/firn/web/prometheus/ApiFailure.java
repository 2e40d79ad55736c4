package dev.firn.web.prometheus;

/// An answer that is an error, in Prometheus' words.
final class ApiFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// Prometheus' kinds of errors with their status codes.
    enum Type {
        BAD_DATA("bad_data", 400),
        EXECUTION("execution", 422),
        CANCELED("canceled", 499),
        TIMEOUT("timeout", 503),
        UNAVAILABLE("unavailable", 503);

        private final String text;
        private final int status;

        Type(String text, int status) {
            this.text = text;
            this.status = status;
        }

        String text() {
            return text;
        }

        int status() {
            return status;
        }
    }

    private final Type type;

    ApiFailure(Type type, String message) {
        super(message, null, false, false);
        this.type = type;
    }

    static ApiFailure badData(String message) {
        return new ApiFailure(Type.BAD_DATA, message);
    }

    static ApiFailure parameter(String name, String message) {
        return badData("invalid parameter \"" + name + "\": " + message);
    }

    Type type() {
        return type;
    }
}
