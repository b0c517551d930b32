package io.gatehouse.control.folder;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.EnumSet;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Tells versions of a folder apart without reading its files. Links are followed. */
record FolderStamp(Map<Path, FileStamp> files) {

  static final FolderStamp NONE = new FolderStamp(Map.of(Path.of(""), FileStamp.NONE));

  record FileStamp(@Nullable Object file, FileTime changed, long size) {
    private static final FileStamp NONE = new FileStamp(null, FileTime.fromMillis(0), -1);
  }

  static FolderStamp of(Path folder) throws IOException {
    Map<Path, FileStamp> files = new TreeMap<>();
    Files.walkFileTree(
        folder,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        ResourceFiles.MAX_DEPTH + 1,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path entry, BasicFileAttributes attributes) {
            return !entry.equals(folder) && ResourceFiles.isHidden(entry)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path entry, BasicFileAttributes attributes) {
            if (ResourceFiles.isRead(entry)) {
              files.put(
                  entry,
                  new FileStamp(
                      attributes.fileKey(), attributes.lastModifiedTime(), attributes.size()));
            }
            return files.size() > ResourceFiles.MAX_FILES
                ? FileVisitResult.TERMINATE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path entry, IOException e) throws IOException {
            if (entry.equals(folder)) {
              throw e;
            }
            // Reading it will tell what is wrong, or it has just gone.
            return FileVisitResult.CONTINUE;
          }
        });
    return new FolderStamp(files);
  }

  boolean isEmpty() {
    return files.isEmpty();
  }
}
