package dev.firn.alert.template;

import dev.firn.alert.template.Node.Argument;
import dev.firn.alert.template.Node.Operand;
import dev.firn.alert.template.Node.Pipe;
import dev.firn.query.promql.lang.GoNumber;
import dev.firn.query.promql.lang.Quoting;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads templates (Go, text/template/parse).
final class TemplateParser {
    private static final Pattern WORD =
            Pattern.compile(
                    "\\s+|\"(?:[^\"\\\\\\n]|\\\\.)*\"|`[^`]*`|\\$\\w*|\\.\\w+|\\.|:=|[()|,=]|"
                            + "[+-]?(?:0[xX][0-9a-fA-F_]+|[0-9][0-9_]*(?:\\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)|\\w+");
    private static final List<String> UNSUPPORTED =
            List.of("define", "template", "block", "break", "continue");

    private final List<Piece> pieces = new ArrayList<>();
    private final Deque<String> variables =
            new ArrayDeque<>(List.of("$", "$labels", "$value", "$externalLabels", "$externalURL"));
    private int at;
    private List<String> words = List.of();
    private int word;

    /// Text, or what stands between the braces.
    private record Piece(boolean action, String text) {}

    private TemplateParser() {}

    static List<Node> parse(String text) {
        var parser = new TemplateParser();
        parser.split(text);
        List<Node> nodes = parser.nodes();
        if (parser.at < parser.pieces.size()) {
            throw new TemplateException("unexpected {{" + parser.pieces.get(parser.at).text + "}}");
        }
        return nodes;
    }

    private void split(String text) {
        int from = 0;
        boolean trim = false;
        while (true) {
            int open = text.indexOf("{{", from);
            String plain = text.substring(from, open < 0 ? text.length() : open);
            boolean trimmed = open >= 0 && text.startsWith("- ", open + 2);
            plain = trim ? plain.stripLeading() : plain;
            plain = trimmed ? plain.stripTrailing() : plain;
            if (!plain.isEmpty()) {
                pieces.add(new Piece(false, plain));
            }
            if (open < 0) {
                return;
            }
            int start = open + (trimmed ? 4 : 2);
            boolean comment = text.startsWith("/*", start);
            int close = comment ? text.indexOf("*/", start) + 2 : end(text, start);
            int end = text.indexOf("}}", close);
            if (close < 2 || end < 0) {
                throw new TemplateException(comment ? "unclosed comment" : "unclosed action");
            }
            String inner = text.substring(start, end);
            trim = inner.endsWith(" -") || inner.endsWith("\t-") || inner.endsWith("\n-");
            if (!comment) {
                pieces.add(new Piece(true, trim ? inner.substring(0, inner.length() - 1) : inner));
            }
            from = end + 2;
        }
    }

    /// The closing braces that stand in no string.
    private static int end(String text, int start) {
        char quote = 0;
        for (int i = start; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                i += c == '\\' && quote == '"' ? 1 : 0;
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '`') {
                quote = c;
            } else if (text.startsWith("}}", i)) {
                return i;
            }
        }
        throw new TemplateException("unclosed action");
    }

    /// Up to an `else` or `end`, which is left.
    private List<Node> nodes() {
        var nodes = new ArrayList<Node>();
        int known = variables.size();
        while (at < pieces.size()) {
            Piece piece = pieces.get(at);
            if (!piece.action) {
                nodes.add(new Node.Text(piece.text));
                at++;
                continue;
            }
            words = words(piece.text);
            word = 0;
            String first = words.isEmpty() ? "" : words.getFirst();
            if (first.equals("end") || first.equals("else")) {
                break;
            }
            at++;
            nodes.add(node(first));
        }
        while (variables.size() > known) {
            variables.removeLast();
        }
        return nodes;
    }

    private Node node(String first) {
        if (UNSUPPORTED.contains(first)) {
            throw new TemplateException("{{" + first + "}} is not supported here");
        }
        int known = variables.size();
        Node node =
                switch (first) {
                    case "if", "with" -> branch(first.equals("with"));
                    case "range" -> {
                        word++;
                        Pipe pipe = wholePipe();
                        List<Node> each = nodes();
                        yield new Node.Range(pipe, each, otherwise(false));
                    }
                    default -> new Node.Action(wholePipe());
                };
        while (!(node instanceof Node.Action) && variables.size() > known) {
            variables.removeLast();
        }
        return node;
    }

    private Node branch(boolean with) {
        word++;
        Pipe pipe = wholePipe();
        List<Node> then = nodes();
        return new Node.Branch(with, pipe, then, otherwise(with));
    }

    /// What stands behind `else`, with its `end`.
    private List<Node> otherwise(boolean with) {
        if (at >= pieces.size()) {
            throw new TemplateException("unexpected end: an {{end}} is missing");
        }
        at++;
        if (words.getFirst().equals("end")) {
            return List.of();
        }
        if (words.size() > 1) {
            if (!words.get(1).equals(with ? "with" : "if")) {
                throw new TemplateException("unexpected {{else " + words.get(1) + "}}");
            }
            word = 1;
            return List.of(branch(with));
        }
        List<Node> nodes = nodes();
        if (at >= pieces.size() || !words.getFirst().equals("end")) {
            throw new TemplateException("expected {{end}} after {{else}}");
        }
        at++;
        return nodes;
    }

    private static List<String> words(String action) {
        var words = new ArrayList<String>();
        Matcher matcher = WORD.matcher(action);
        boolean space = true;
        int at = 0;
        while (at < action.length()) {
            if (!matcher.find(at) || matcher.start() != at) {
                throw new TemplateException(
                        "unexpected \"" + action.charAt(at) + "\" in {{" + action + "}}");
            }
            String one = matcher.group();
            at = matcher.end();
            boolean field = one.length() > 1 && one.charAt(0) == '.';
            if (!one.isBlank()) {
                // ".x" of what stands before it, or of the dot
                words.add(field && !space ? "@" + one : one);
            }
            space = one.isBlank() || one.equals("(") || one.equals("|");
        }
        return words;
    }

    private Pipe wholePipe() {
        Pipe pipe = pipe();
        if (word < words.size()) {
            throw new TemplateException("unexpected \"" + words.get(word) + "\" in a command");
        }
        return pipe;
    }

    private Pipe pipe() {
        var names = new ArrayList<String>();
        boolean assigns = false;
        int sign = word;
        while (sign < words.size()
                && (words.get(sign).startsWith("$") || words.get(sign).equals(","))) {
            sign++;
        }
        if (sign < words.size() && (words.get(sign).equals(":=") || words.get(sign).equals("="))) {
            words.subList(word, sign).stream().filter(one -> !one.equals(",")).forEach(names::add);
            assigns = words.get(sign).equals("=");
            word = sign + 1;
        }
        var commands = new ArrayList<List<Argument>>();
        do {
            commands.add(command());
        } while (take("|"));
        for (String name : names) {
            if (assigns) {
                known(name);
            } else {
                variables.addLast(name);
            }
        }
        return new Pipe(names, assigns, commands);
    }

    private boolean take(String wanted) {
        boolean there = word < words.size() && words.get(word).equals(wanted);
        word += there ? 1 : 0;
        return there;
    }

    private void known(String variable) {
        if (!variables.contains(variable)) {
            throw new TemplateException("undefined variable \"" + variable + "\"");
        }
    }

    private List<Argument> command() {
        var arguments = new ArrayList<Argument>();
        while (word < words.size()
                && !words.get(word).equals("|")
                && !words.get(word).equals(")")) {
            arguments.add(argument(words.get(word++)));
        }
        if (arguments.isEmpty()) {
            throw new TemplateException("missing value for command");
        }
        return arguments;
    }

    private Argument argument(String one) {
        var fields = new ArrayList<String>();
        Operand operand;
        if (one.equals("(")) {
            operand = new Operand.Group(pipe());
            if (!take(")")) {
                throw new TemplateException("unclosed left paren");
            }
        } else if (one.startsWith(".")) {
            operand = new Operand.Dot();
            if (one.length() > 1) {
                fields.add(one.substring(1));
            }
        } else if (one.startsWith("$")) {
            known(one);
            operand = new Operand.Variable(one);
        } else {
            operand = constantOrName(one);
        }
        while (word < words.size() && words.get(word).startsWith("@")) {
            fields.add(words.get(word++).substring(2));
        }
        return new Argument(operand, fields);
    }

    private static Operand constantOrName(String one) {
        char first = one.charAt(0);
        if (first == '"') {
            return new Operand.Constant(unquoted(one));
        }
        if (first == '`') {
            return new Operand.Constant(one.substring(1, one.length() - 1));
        }
        if (Character.isDigit(first) || first == '-' || first == '+') {
            double value =
                    GoNumber.parse(one)
                            .orElseThrow(() -> new TemplateException("bad number " + one));
            boolean real = one.matches(".*[.eE].*") && !one.matches("[+-]?0[xX].*");
            return new Operand.Constant(real ? (Object) value : (Object) (long) value);
        }
        return switch (one) {
            case "true" -> new Operand.Constant(true);
            case "false" -> new Operand.Constant(false);
            case "nil" -> new Operand.Constant(null);
            default -> {
                if (!TemplateFunctions.NAMES.contains(one)) {
                    throw new TemplateException("function \"" + one + "\" not defined");
                }
                yield new Operand.Name(one);
            }
        };
    }

    private static String unquoted(String quoted) {
        try {
            return Quoting.unquote(quoted);
        } catch (IllegalArgumentException e) {
            throw new TemplateException("bad string " + quoted);
        }
    }
}
