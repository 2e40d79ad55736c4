package dev.firn.alert.template;

import java.util.List;

/// A text with `{{ … }}` in it.
public final class Template {
    private final String text;
    private final List<Node> nodes;

    private Template(String text, List<Node> nodes) {
        this.text = text;
        this.nodes = nodes;
    }

    /// @throws TemplateException naming what cannot be read
    public static Template parse(String text) {
        return new Template(text, TemplateParser.parse(text));
    }

    /// @throws TemplateException where Go's would fail, too
    public String expand(TemplateData data) {
        return new TemplateRun(data).run(nodes);
    }

    /// As it was written.
    public String text() {
        return text;
    }
}
