package dev.firn.ops.health;

import java.util.Locale;

/// A check as it is told to people and machines.
///
/// @param since when it came into this state, RFC 3339; the start of the process at the earliest
/// @param figure what was measured, with its unit
/// @param limit what the figure is compared with; empty if with nothing
/// @param advice what to do; empty when nothing needs doing
public record Check(
        String id,
        String section,
        String state,
        String since,
        String figure,
        String limit,
        String advice) {
    static Check of(Finding finding, String since) {
        return new Check(
                finding.id(),
                finding.section().name().toLowerCase(Locale.ROOT),
                finding.state().label(),
                since,
                finding.figure(),
                finding.limit(),
                finding.advice());
    }
}
