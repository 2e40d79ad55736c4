/// The identity of a series while processors work on it: taken apart, changed, put together again.
/// In comes a series, out goes a series of the registry. Never sees a point.
@NullMarked
package dev.firn.process.identity;

import org.jspecify.annotations.NullMarked;
