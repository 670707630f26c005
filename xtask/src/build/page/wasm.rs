//! Modules of WebAssembly, as far as the build reads and writes them: their sections, and numbers and lists in these.
//! Sections that are not written anew are copied byte by byte, so there is nothing to know about them.

/// Custom sections: each has its name in front.
pub(super) const CUSTOM: u8 = 0;
pub(super) const IMPORTS: u8 = 2;
pub(super) const EXPORTS: u8 = 7;
pub(super) const CODE: u8 = 10;

/// `module` with the content of each section as `write` has it.
pub(super) fn with_sections(
    module: &[u8],
    mut write: impl FnMut(u8, &[u8]) -> Option<Vec<u8>>,
) -> Option<Vec<u8>> {
    let (header, sections) = module.split_at_checked(8)?;
    let mut rest = Bytes(sections);
    let mut written = header.to_vec();
    while !rest.0.is_empty() {
        let id = rest.byte()?;
        let content = write(id, rest.vector()?)?;
        written.push(id);
        put_vector(&mut written, &content);
    }
    Some(written)
}

/// Passes over what an import is, and says whether it is a function.
pub(super) fn skip_described(rest: &mut Bytes<'_>) -> Option<bool> {
    let kind = rest.byte()?;
    match kind {
        // A function, by its type.
        0 => _ = rest.number()?,
        // A table, with its type first; a memory.
        1 | 2 => {
            if kind == 1 {
                rest.byte()?;
            }
            let has_limit = rest.byte()? & 1 == 1;
            rest.number()?;
            if has_limit {
                rest.number()?;
            }
        }
        // A global: its type, and whether it changes.
        3 => _ = (rest.byte()?, rest.byte()?),
        _ => return None,
    }
    Some(kind == 0)
}

/// What is still to be read.
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    /// In LEB128.
    pub(super) fn number(&mut self) -> Option<u32> {
        let mut number = 0_u32;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            number |= u32::from(byte & 127).checked_shl(shift)?;
            if byte < 128 {
                return Some(number);
            }
        }
        None
    }

    /// Bytes behind how many they are.
    pub(super) fn vector(&mut self) -> Option<&'a [u8]> {
        let n_bytes = self.number()? as usize;
        let (vector, rest) = self.0.split_at_checked(n_bytes)?;
        self.0 = rest;
        Some(vector)
    }
}

pub(super) fn put_number(written: &mut Vec<u8>, mut number: u32) {
    while number >= 128 {
        written.push(number as u8 | 128);
        number >>= 7;
    }
    written.push(number as u8);
}

pub(super) fn put_vector(written: &mut Vec<u8>, vector: &[u8]) {
    put_number(written, vector.len() as u32);
    written.extend_from_slice(vector);
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::build::page) fn section(id: u8, content: &[u8]) -> Vec<u8> {
        let mut written = vec![id];
        put_vector(&mut written, content);
        written
    }

    #[test]
    fn numbers_are_written_as_they_are_read() {
        for number in [0, 1, 127, 128, 300, 16_383, 16_384, u32::MAX] {
            let mut written = Vec::new();
            put_number(&mut written, number);
            let mut rest = Bytes(&written);
            assert_eq!((rest.number(), rest.0.len()), (Some(number), 0));
        }
        assert_eq!(Bytes(&[128; 5]).number(), None);
    }
}
