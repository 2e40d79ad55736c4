package dev.firn.web;

/// An answer that is a picture, not JSON.
///
/// @param svg the document
public record Drawing(String svg) {}
