package dev.firn.base;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/// Why a file or directory could not be used, for a message. Exceptions of `java.nio.file` say it
/// by their class: their message is the path alone.
public final class Reason {
    private Reason() {}

    /// As the end of a sentence.
    public static String of(IOException e) {
        String reason =
                switch (e) {
                    case NoSuchFileException _ -> "there is no such file or directory";
                    case AccessDeniedException _ -> "permission denied";
                    case FileAlreadyExistsException _ -> "a file of that name is there already";
                    case DirectoryNotEmptyException _ -> "the directory is not empty";
                    case NotDirectoryException _ -> "it is no directory";
                    case FileSystemException other -> other.getReason();
                    default -> e.getMessage();
                };
        if (reason == null) {
            return e.getClass().getSimpleName();
        }
        return e instanceof FileSystemException at && at.getFile() != null
                ? reason + " (" + at.getFile() + ")"
                : reason;
    }
}
