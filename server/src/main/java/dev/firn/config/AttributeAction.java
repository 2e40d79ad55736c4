package dev.firn.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One action of the processors `resource` and `attributes`, in the order written.
///
/// @param key the attribute; may be empty where a pattern names them
/// @param value a [String], [Long], [Double], [Boolean], [List] or [java.util.Map]; null: from
///   another attribute
/// @param fromAttribute the attribute whose value is taken; empty: none. If it is missing,
///   `defaultValue` is taken, and without one nothing happens
/// @param pattern regular expression in Go's syntax (RE2): of names for delete and hash, with named
///   groups for extract; empty: none
/// @param convertedType `int`, `double` or `string` for convert; else empty
/// @param defaultValue as `value`; null: none
/// @param place `file:line`
/// @param path of the action
public record AttributeAction(
        Kind kind,
        String key,
        @Nullable Object value,
        String fromAttribute,
        String pattern,
        String convertedType,
        @Nullable Object defaultValue,
        String place,
        String path) {
    /// What is done.
    public enum Kind {
        /// Sets an attribute that is not there.
        INSERT,
        /// Sets one that is there.
        UPDATE,
        /// Sets it in either case.
        UPSERT,
        /// Removes it.
        DELETE,
        /// Sets each named group's attribute from the value of `key`.
        EXTRACT,
        /// Replaces the value by its hash.
        HASH,
        /// Turns the value into `convertedType`.
        CONVERT
    }

    /// True if the attribute may be there afterwards that was not before.
    public boolean sets() {
        return kind == Kind.INSERT || kind == Kind.UPSERT;
    }

    static List<AttributeAction> list(Section section, String key) {
        var actions = new ArrayList<AttributeAction>();
        for (Section one : section.sections(key)) {
            AttributeAction action = read(one);
            if (action != null) {
                actions.add(action);
            }
        }
        if (actions.isEmpty() && section.sections(key).isEmpty()) {
            section.problem(key, "name at least one action");
        }
        return List.copyOf(actions);
    }

    /// Null where the action cannot do anything.
    private static @Nullable AttributeAction read(Section section) {
        if (!section.has("action")) {
            section.problem(
                    "action",
                    "missing; write one of insert, update, upsert, delete, extract, hash, convert");
        }
        section.refuse(
                "Firn does not keep what requests carry beside their points; use value or"
                        + " from_attribute",
                "from_context");
        var action =
                new AttributeAction(
                        section.choice("action", Kind.DELETE, Kind.class),
                        section.text("key", ""),
                        section.raw("value"),
                        section.text("from_attribute", ""),
                        section.text("pattern", ""),
                        section.word("converted_type", "", "int", "double", "string"),
                        section.raw("default_value"),
                        section.place(),
                        section.path());
        boolean acts = !section.has("action") || action.check(section);
        section.close();
        return acts ? action : null;
    }

    private boolean check(Section section) {
        boolean byPattern = kind == Kind.DELETE || kind == Kind.HASH;
        if (key.isEmpty() && !(byPattern && !pattern.isEmpty())) {
            section.problem("key", "name the attribute" + (byPattern ? " or a pattern" : ""));
        }
        if (!pattern.isEmpty()) {
            Regex.check(section, "pattern", pattern);
        }
        return switch (kind) {
            case INSERT, UPDATE, UPSERT -> checkSource(section);
            case EXTRACT -> {
                if (!pattern.contains("(?P<") && !pattern.contains("(?<")) {
                    section.problem(
                            "pattern",
                            "extract needs a pattern with named groups, such as"
                                    + " ^/api/v1/(?P<version>.*)$");
                }
                yield true;
            }
            case CONVERT -> {
                if (!section.has("converted_type")) {
                    section.problem("converted_type", "missing; write int, double or string");
                }
                yield true;
            }
            case DELETE, HASH -> true;
        };
    }

    private boolean checkSource(Section section) {
        if (value == null && fromAttribute.isEmpty() && defaultValue == null) {
            if (section.has("value")) {
                if (!section.isWarned("value")) {
                    section.warning(
                            "value",
                            "is empty, so that this action does nothing; set the environment"
                                    + " variable, or write a default: value:"
                                    + " ${env:NAME:-default}");
                }
                return false;
            }
            if (!section.has("from_context")) {
                section.problem("value", "missing; write value or from_attribute");
            }
        }
        if (value != null && !fromAttribute.isEmpty()) {
            section.problem("from_attribute", "stands beside value; write one of the two");
        }
        return true;
    }
}
