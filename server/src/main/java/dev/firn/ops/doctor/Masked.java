package dev.firn.ops.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/// A configuration file that may be shown to others: without comments, and without the values of
/// keys that name secrets. References to the environment stay as they were written.
public final class Masked {
    private static final String MASK = "(masked)";
    private static final Pattern SECRET =
            Pattern.compile(
                    ".*(password|passphrase|secret|token|credential|access_key|api_key|_pem|inline"
                            + "|authorization|cookie).*");
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{env:[A-Za-z0-9_]+}");
    private static final Pattern IN_URL = Pattern.compile("(://)[^/@\\s]+@");
    private static final Pattern PARAMETER =
            Pattern.compile("(?i)([?&;][^=&;]*(?:password|token|secret|key|auth)[^=&;]*=)[^&;]*");

    /// Of what is told to others: such an address may be a secret itself.
    private static final Set<String> RECEIVERS = Set.of("webhooks", "webhook", "alertmanagers");

    private Masked() {}

    /// The text with secrets masked.
    ///
    /// @throws org.snakeyaml.engine.v2.exceptions.YamlEngineException if it is no YAML
    public static String yaml(String text) {
        Object tree = new Load(LoadSettings.builder().build()).loadFromString(text);
        return new Dump(DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build())
                .dumpToString(masked(tree, false));
    }

    private static @Nullable Object masked(@Nullable Object value, boolean secret) {
        return switch (value) {
            case null -> null;
            case Map<?, ?> map -> {
                var shown = new LinkedHashMap<Object, @Nullable Object>();
                map.forEach((key, one) ->
                        shown.put(key, masked(one, secret || names(String.valueOf(key), one))));
                yield shown;
            }
            case List<?> list -> {
                var shown = new ArrayList<@Nullable Object>();
                list.forEach(one -> shown.add(masked(one, secret)));
                yield shown;
            }
            case String one ->
                    secret && !REFERENCE.matcher(one).matches()
                            ? MASK
                            : PARAMETER
                                    .matcher(IN_URL.matcher(one).replaceAll("$1" + MASK + "@"))
                                    .replaceAll("$1" + MASK);
            default -> secret ? MASK : value;
        };
    }

    /// A section that is named so (`bearertokenauth`) has keys of its own.
    private static boolean names(String key, @Nullable Object value) {
        String lower = key.toLowerCase(Locale.ROOT);
        return lower.equals("headers")
                || RECEIVERS.contains(lower)
                || !(value instanceof Map)
                        && SECRET.matcher(lower).matches()
                        && !lower.endsWith("_file")
                        && !lower.endsWith("filename");
    }
}
