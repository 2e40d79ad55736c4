/// Who may talk to whom, and unheard by others: TLS from PEM files, and credentials.
///
/// In come what the configuration says (files, names, tokens); out come an `SSLContext` whose
/// certificates are read again when their files change, a check of a request's headers, and the
/// header that a client adds. It never logs a secret or puts one into a message, and speaks no
/// protocol itself.
@NullMarked
package dev.firn.base.security;

import org.jspecify.annotations.NullMarked;
