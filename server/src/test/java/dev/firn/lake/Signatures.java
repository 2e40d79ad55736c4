package dev.firn.lake;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.firn.lake.FaultProxy.Seen;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Who may send what: a request's signature (AWS Signature Version 4, as Amazon's "Authenticating
/// requests: using the Authorization header" describes it) computed anew from a secret.
final class Signatures {
    /// What one key signs with.
    ///
    /// @param token of temporary credentials, else empty
    record Key(String secret, String token) {}

    private static final Pattern AUTHORIZATION =
            Pattern.compile(
                    "AWS4-HMAC-SHA256 Credential=([^/]+)/(\\d{8}/[^/]+/s3/aws4_request), "
                            + "SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})");

    private Signatures() {}

    /// True if one of the keys, by their ids, has signed the request.
    static boolean signed(Seen request, Map<String, Key> keys) {
        Matcher said =
                AUTHORIZATION.matcher(request.headers().getOrDefault("authorization", "unsigned"));
        if (!said.matches()) {
            return false;
        }
        Key key = keys.get(said.group(1));
        return key != null
                && key.token().equals(request.headers().getOrDefault("x-amz-security-token", ""))
                && said.group(4)
                        .equals(signature(request, key.secret(), said.group(2), said.group(3)));
    }

    private static String signature(Seen request, String secret, String scope, String names) {
        String headers =
                Arrays.stream(names.split(";"))
                        .map(name -> name + ":" + request.headers().get(name) + "\n")
                        .collect(Collectors.joining());
        String canonical =
                String.join(
                        "\n",
                        request.method(),
                        encoded(request.path()),
                        query(request.query()),
                        headers,
                        names,
                        request.headers().get("x-amz-content-sha256"));
        String text =
                String.join(
                        "\n",
                        "AWS4-HMAC-SHA256",
                        request.headers().get("x-amz-date"),
                        scope,
                        HexFormat.of().formatHex(sha256(canonical)));
        byte[] key = ("AWS4" + secret).getBytes(UTF_8);
        for (String part : scope.split("/")) {
            key = hmac(key, part);
        }
        return HexFormat.of().formatHex(hmac(key, text));
    }

    private static String query(String raw) {
        return raw.equals("null")
                ? ""
                : Arrays.stream(raw.split("&"))
                        .map(pair -> pair.contains("=") ? pair : pair + "=")
                        .sorted()
                        .collect(Collectors.joining("&"));
    }

    private static String encoded(String path) {
        var encoded = new StringBuilder();
        for (byte each : path.getBytes(UTF_8)) {
            char letter = (char) (each & 0xff);
            if (letter < 128
                    && (Character.isLetterOrDigit(letter) || "/-._~".indexOf(letter) >= 0)) {
                encoded.append(letter);
            } else {
                encoded.append("%%%02X".formatted((int) letter));
            }
        }
        return encoded.toString();
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
