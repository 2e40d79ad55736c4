package dev.firn.web;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;

/// What asks: a dashboard, a report, a command. Says so itself, so that its queries are told apart.
public final class AskingSource {
    /// Its header.
    static final String HEADER = "X-Firn-Source";

    private static final HeaderName NAME = HeaderNames.create(HEADER);

    private AskingSource() {}

    /// Empty where nothing fit is said.
    public static String of(ServerRequest request) {
        String given = request.headers().first(NAME).orElse("");
        return given.matches("[A-Za-z0-9_.:/ -]{1,48}") ? given : "";
    }
}
