//! Files that are no text, told by their first bytes.

/// Words for a binary file, as `PNG picture`; `None` when the bytes may be text.
pub(crate) fn name(head: &[u8]) -> Option<&'static str> {
    const MAGICS: [(&[u8], &str); 43] = [
        (b"\xFF\xFE\0\0", "Text in UTF-32, to be saved as UTF-8"),
        (b"\0\0\xFE\xFF", "Text in UTF-32, to be saved as UTF-8"),
        (b"\x89PNG\r\n\x1a\n", "PNG picture"),
        (b"\xFF\xD8\xFF", "JPEG picture"),
        (b"GIF8", "GIF picture"),
        (b"II*\0", "TIFF picture"),
        (b"MM\0*", "TIFF picture"),
        (b"%PDF-", "PDF document"),
        (b"{\\rtf", "Rich text document"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "Microsoft Office document"),
        (b"\x7FELF", "Program (ELF)"),
        (b"MZ\x90\0", "Program (Windows)"),
        (b"\xCF\xFA\xED\xFE", "Program (macOS)"),
        (b"\xCA\xFE\xBA\xBE", "Program (macOS or Java)"),
        (b"\0asm", "WebAssembly module"),
        (b"PK\x03\x04", "Zip archive inside"),
        (b"PK\x05\x06", "Zip archive inside"),
        (b"7z\xBC\xAF\x27\x1C", "7-Zip archive"),
        (b"Rar!\x1A\x07", "RAR archive"),
        (b"\xFD7zXZ\0", "xz archive"),
        (b"BZh", "bzip2 archive"),
        (b"\x28\xB5\x2F\xFD", "Zstandard archive"),
        (b"\x04\x22\x4D\x18", "LZ4 archive"),
        // Behind as many levels as are read.
        (b"\x1F\x8B\x08", "Gzip archive inside"),
        (b"\x1F\x8B", "Damaged gzip archive"),
        (b"\xD4\xC3\xB2\xA1", "Packet capture (pcap)"),
        (b"\xA1\xB2\xC3\xD4", "Packet capture (pcap)"),
        (b"\x4D\x3C\xB2\xA1", "Packet capture (pcap)"),
        (b"\x0A\x0D\x0D\x0A", "Packet capture (pcapng)"),
        (b"\xA1\xB2\x3C\x4D", "Packet capture (pcap)"),
        (b"snoop\0", "Packet capture (snoop)"),
        (b"MSCF\0\0\0\0", "Cabinet archive"),
        (b"LZIP\x01", "lzip archive"),
        (b"\x1F\x9D", "Unix compress archive"),
        (b"conectix", "Virtual disk"),
        (b"vhdxfile", "Virtual disk"),
        (b"\0\0\0\x01Bud1", "Folder settings of macOS"),
        (b"SQLite format 3\0", "SQLite database"),
        (b"PAR1", "Parquet table"),
        (b"Obj\x01", "Avro table"),
        (b"ElfFile\0", "Windows event log"),
        (b"regf", "Windows registry"),
        (b"OggS", "Sound"),
    ];
    for (magic, name) in MAGICS {
        if head.starts_with(magic) {
            return Some(name);
        }
    }
    let at = |from: usize, magic: &[u8]| head.get(from..from + magic.len()) == Some(magic);
    if at(257, b"ustar") {
        return Some("Tar archive");
    }
    if at(4, b"ftyp") {
        return Some("Video");
    }
    if head.starts_with(b"RIFF") {
        return Some(if at(8, b"WEBP") { "WebP picture" } else { "Sound or video" });
    }
    None
}

/// Whether a binary file is an archive, whose members might be worth unpacking.
pub(crate) fn is_archive(name: &str) -> bool {
    name.contains("archive") && !name.starts_with("Damaged")
}
