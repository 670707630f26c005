//! The order of a module's functions.
//!
//! wasm-opt sorts them by name, which brings those together that come from one place. Functions of one size are more
//! alike than functions of one place, though, as brotli sees it: with the size in front of the name, four classes to
//! each doubling, the page is a hundredth smaller (ADR 0011).

use super::wasm::{
    Bytes, CODE, CUSTOM, IMPORTS, put_number, put_vector, skip_described, with_sections,
};

/// The part of the section of names that has those of functions.
const FUNCTIONS: u8 = 1;

/// `module` with the size of each function in front of its name; `None` if it is no module or has no names.
pub(super) fn named_by_size(module: &[u8]) -> Option<Vec<u8>> {
    let (mut n_imported, mut sizes) = (0, Vec::new());
    with_sections(module, |id, content| {
        match id {
            IMPORTS => n_imported = imported_functions(content)?,
            CODE => sizes = function_sizes(content)?,
            _ => {}
        }
        Some(Vec::new())
    })?;
    let mut has_names = false;
    let named = with_sections(module, |id, content| {
        let mut rest = Bytes(content);
        if id != CUSTOM || rest.vector()? != b"name" {
            return Some(content.to_vec());
        }
        has_names = true;
        let mut written = Vec::new();
        put_vector(&mut written, b"name");
        while !rest.0.is_empty() {
            let (part, content) = (rest.byte()?, rest.vector()?);
            // What else has a name is dropped with the names in the end.
            if part == FUNCTIONS {
                written.push(part);
                put_vector(&mut written, &names(content, n_imported, &sizes)?);
            }
        }
        Some(written)
    });
    named.filter(|_| has_names)
}

/// The names of functions, those of the module's own with their size class in front.
fn names(content: &[u8], n_imported: u32, sizes: &[usize]) -> Option<Vec<u8>> {
    let mut rest = Bytes(content);
    let n_names = rest.number()?;
    let mut written = Vec::new();
    put_number(&mut written, n_names);
    for _ in 0..n_names {
        let (index, name) = (rest.number()?, rest.vector()?);
        put_number(&mut written, index);
        let own = index.checked_sub(n_imported).map(|own| sizes.get(own as usize));
        match own {
            Some(size) => {
                let named = [format!("{:02} ", class(*size?)).as_bytes(), name].concat();
                put_vector(&mut written, &named);
            }
            None => put_vector(&mut written, name),
        }
    }
    Some(written)
}

/// Four classes to each doubling of a size in bytes.
fn class(size: usize) -> u32 {
    // The whole part of four logarithms is that of the fourth power's one.
    (size as u128 + 1).pow(4).ilog2()
}

fn imported_functions(content: &[u8]) -> Option<u32> {
    let mut rest = Bytes(content);
    let mut n_functions = 0;
    for _ in 0..rest.number()? {
        let _names = (rest.vector()?, rest.vector()?);
        n_functions += u32::from(skip_described(&mut rest)?);
    }
    Some(n_functions)
}

fn function_sizes(content: &[u8]) -> Option<Vec<usize>> {
    let mut rest = Bytes(content);
    (0..rest.number()?).map(|_| Some(rest.vector()?.len())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::wasm::tests::section;
    use super::*;

    fn names_section(names: &[(u8, &str)]) -> Vec<u8> {
        let mut map = vec![names.len() as u8];
        for (index, name) in names {
            map.push(*index);
            put_vector(&mut map, name.as_bytes());
        }
        let mut content = Vec::new();
        put_vector(&mut content, b"name");
        content.push(FUNCTIONS);
        put_vector(&mut content, &map);
        section(CUSTOM, &content)
    }

    fn module(names: &[(u8, &str)]) -> Vec<u8> {
        let mut imports = vec![2];
        for (name, described) in [("f", &[0, 1][..]), ("memory", &[2, 0, 1])] {
            put_vector(&mut imports, b"m");
            put_vector(&mut imports, name.as_bytes());
            imports.extend_from_slice(described);
        }
        let mut code = vec![3];
        for n_bytes in [3, 200, 15] {
            put_vector(&mut code, &vec![0; n_bytes]);
        }
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend(section(IMPORTS, &imports));
        module.extend(section(CODE, &code));
        module.extend(names_section(names));
        module
    }

    #[test]
    fn a_name_begins_with_the_size_of_its_function() {
        let named = named_by_size(&module(&[(0, "f"), (1, "b"), (2, "a"), (3, "c")])).unwrap();
        assert_eq!(named, module(&[(0, "f"), (1, "08 b"), (2, "30 a"), (3, "16 c")]));
    }

    #[test]
    fn what_is_no_module_with_names_is_none() {
        let sound = module(&[(0, "f"), (1, "b")]);
        for n_bytes in 0..sound.len() {
            assert_eq!(named_by_size(&sound[..n_bytes]), None, "{n_bytes}");
        }
        // A function that is not there.
        assert_eq!(named_by_size(&module(&[(9, "x")])), None);
    }

    #[test]
    fn sizes_have_four_classes_to_a_doubling() {
        let classes = [0, 1, 2, 3, 15, 31, 1_000_000].map(class);
        assert_eq!(classes, [0, 4, 6, 8, 16, 20, 79]);
    }
}
