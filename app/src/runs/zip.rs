//! A zip of files as they are, without compression: what is in it are models, which hardly shrink, and texts of a few
//! letters. Every entry is dated 1980, the first day that a zip knows, so that the same files are the same zip.

/// How many entries the short form of the end can count.
const MOST_ENTRIES: u64 = 0xFFFE;

/// A zip that is being written; of less than 4 GB, which is all that wasm can hold.
#[derive(Debug, Default)]
pub(crate) struct Zip {
    file: Vec<u8>,
    directory: Vec<u8>,
    n_entries: u64,
}

impl Zip {
    /// Adds a file, or a folder if `name` ends in a slash and there is no content. Nobody looks at the name here: it
    /// must be relative, with slashes, and new.
    pub(crate) fn add(&mut self, name: &str, content: &[u8]) {
        let (at, size) = (self.file.len() as u32, content.len() as u32);
        let mut about = Vec::with_capacity(26);
        // Version 1.0 reads it; the name is UTF-8; no compression; midnight of 1980-01-01.
        for word in [10_u16, 0x0800, 0, 0, 0x0021] {
            about.extend(word.to_le_bytes());
        }
        for word in [crc32(content), size, size] {
            about.extend(word.to_le_bytes());
        }
        // Length of the name, and of what else could follow it.
        about.extend((name.len() as u16).to_le_bytes());
        about.extend([0; 2]);

        self.file.extend(b"PK\x03\x04");
        self.file.extend(&about);
        self.file.extend(name.as_bytes());
        self.file.extend(content);

        // Made by version 2.0 on Unix: of others some readers do not believe that names are UTF-8.
        self.directory.extend(b"PK\x01\x02\x14\x03");
        self.directory.extend(about);
        // No remark, disk 0, no kind; who may do what with it, and whether it is a folder; where it is.
        self.directory.extend([0; 6]);
        let rights: u32 = if name.ends_with('/') { 0o040_755 << 16 | 16 } else { 0o100_644 << 16 };
        self.directory.extend(rights.to_le_bytes());
        self.directory.extend(at.to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.n_entries += 1;
    }

    /// The zip.
    pub(crate) fn finish(self) -> Vec<u8> {
        let Self { mut file, directory, n_entries } = self;
        let (at, size) = (file.len() as u64, directory.len() as u64);
        file.extend(directory);
        if n_entries > MOST_ENTRIES {
            // The long form of the end, and where it is.
            let long_end = file.len() as u64;
            file.extend(b"PK\x06\x06");
            file.extend(44_u64.to_le_bytes());
            file.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            for number in [n_entries, n_entries, size, at] {
                file.extend(number.to_le_bytes());
            }
            file.extend(b"PK\x06\x07\0\0\0\0");
            file.extend(long_end.to_le_bytes());
            file.extend(1_u32.to_le_bytes());
        }
        let shown = n_entries.min(MOST_ENTRIES + 1) as u16;
        file.extend(b"PK\x05\x06\0\0\0\0");
        file.extend(shown.to_le_bytes());
        file.extend(shown.to_le_bytes());
        file.extend((size as u32).to_le_bytes());
        file.extend((at as u32).to_le_bytes());
        file.extend([0; 2]);
        file
    }
}

/// The remainders of four bits, in the polynomial that zips use, lowest bit first.
const REMAINDERS: [u32; 16] = {
    let mut remainders = [0; 16];
    let mut at = 0;
    while at < 16 {
        let mut remainder = at as u32;
        let mut bit = 0;
        while bit < 4 {
            remainder = (remainder >> 1) ^ ((remainder & 1) * 0xEDB8_8320);
            bit += 1;
        }
        remainders[at] = remainder;
        at += 1;
    }
    remainders
};

/// CRC-32 of `bytes`. Four bits at a time: a table of 64 bytes, not of 1,024.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, bits: u8| crc >> 4 ^ REMAINDERS[((crc ^ u32::from(bits)) & 15) as usize];
    !bytes.iter().fold(u32::MAX, |crc, byte| step(step(crc, *byte), byte >> 4))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn number(bytes: &[u8], at: usize, n_bytes: usize) -> usize {
        bytes[at..at + n_bytes].iter().rev().fold(0, |all, byte| all << 8 | usize::from(*byte))
    }

    /// Bit by bit, as the standard has it: another way than the table.
    fn slow_crc32(bytes: &[u8]) -> usize {
        let mut crc = u32::MAX;
        for byte in bytes {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
            }
        }
        !crc as usize
    }

    /// What is in a zip, read from its end as readers do, and held against what stands before each file.
    pub(crate) fn entries(zip: &[u8]) -> BTreeMap<String, Vec<u8>> {
        let end = zip.len() - 22;
        assert_eq!(&zip[end..end + 8], b"PK\x05\x06\0\0\0\0");
        assert_eq!(number(zip, end + 20, 2), 0);
        let mut n_entries = number(zip, end + 10, 2);
        assert_eq!(number(zip, end + 8, 2), n_entries);
        let (size, mut at) = (number(zip, end + 12, 4), number(zip, end + 16, 4));
        let mut behind = end;
        if n_entries == 0xFFFF {
            assert_eq!(&zip[end - 20..end - 12], b"PK\x06\x07\0\0\0\0");
            behind = number(zip, end - 12, 8);
            assert_eq!(behind, end - 20 - 56);
            assert_eq!(&zip[behind..behind + 4], b"PK\x06\x06");
            n_entries = number(zip, behind + 32, 8);
            assert_eq!((number(zip, behind + 40, 8), number(zip, behind + 48, 8)), (size, at));
        }
        assert_eq!(at + size, behind);
        let mut found = BTreeMap::new();
        let mut next = 0;
        for _ in 0..n_entries {
            assert_eq!(&zip[at..at + 4], b"PK\x01\x02");
            let (length, local) = (number(zip, at + 28, 2), number(zip, at + 42, 4));
            assert_eq!((&zip[local..local + 4], local), (&b"PK\x03\x04"[..], next));
            // What both say of the file.
            assert_eq!(zip[at + 6..at + 32], zip[local + 4..local + 30]);
            assert_eq!(zip[at + 46..at + 46 + length], zip[local + 30..local + 30 + length]);
            let name = String::from_utf8(zip[at + 46..at + 46 + length].to_vec()).unwrap();
            let (from, n_bytes) = (local + 30 + length, number(zip, at + 24, 4));
            assert_eq!(number(zip, at + 20, 4), n_bytes);
            let content = zip[from..from + n_bytes].to_vec();
            assert_eq!(number(zip, at + 16, 4), slow_crc32(&content), "{name}");
            let rights = number(zip, at + 38, 4);
            assert_eq!(rights, if name.ends_with('/') { 0x41ED_0010 } else { 0x81A4_0000 });
            assert_eq!(zip[at + 4..at + 6], [20, 3]);
            assert!(found.insert(name, content).is_none());
            (at, next) = (at + 46 + length, from + n_bytes);
        }
        assert_eq!(at, behind);
        found
    }

    #[test]
    fn the_checksum_is_the_standard_one() {
        // The check value of the catalogue of CRC algorithms.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn what_goes_in_comes_out() {
        let mut zip = Zip::default();
        let all_bytes: Vec<u8> = (0..=255).collect();
        zip.add("one", &all_bytes);
        zip.add("folder/", b"");
        zip.add("folder/zwölf", b"12");
        let entries = entries(&zip.finish());
        let names: Vec<&str> = entries.keys().map(String::as_str).collect();
        assert_eq!(names, ["folder/", "folder/zwölf", "one"]);
        assert_eq!(entries["one"], all_bytes);
        assert_eq!(entries["folder/zwölf"], b"12");
        assert!(super::tests::entries(&Zip::default().finish()).is_empty());
    }

    #[test]
    fn more_entries_than_the_short_end_counts_are_all_there() {
        for n_entries in [0xFFFE, 0xFFFF, 0x1_0001] {
            let mut zip = Zip::default();
            (0..n_entries).for_each(|at| zip.add(&at.to_string(), b""));
            let zip = zip.finish();
            assert_eq!(entries(&zip).len(), n_entries);
            assert_eq!(zip.windows(4).any(|four| four == b"PK\x06\x06"), n_entries > 0xFFFE);
        }
    }
}
