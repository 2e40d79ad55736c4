package dev.firn.process.ottl;

import dev.firn.model.Attributes;
import dev.firn.process.identity.AttributeMap;
import dev.firn.process.identity.Identity;

/// What statements read and write: the identity of a series, and a point of it if they are about
/// points. Reused; not thread-safe.
public final class Subject {
    /// Of the series.
    public final Identity identity;

    /// The point; meaningless to statements that only know the identity.
    public PointView point = new PointView();

    /// The statements' scratch paper.
    final AttributeMap cache = new AttributeMap();

    /// Works on this identity.
    public Subject(Identity identity) {
        this.identity = identity;
    }

    /// A clean scratch paper, as each group of statements gets for each item.
    public void newCache() {
        cache.reset(Attributes.EMPTY);
    }
}
