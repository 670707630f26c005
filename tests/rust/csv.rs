//! CSV files that are damaged, or never were any: an error or valid rows, in little memory.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use tepal_tests::allocator::Counting;
use tepal_tests::{properties, root};

/// So that the memory that reading takes is measured.
#[global_allocator]
static ALLOCATOR: Counting = Counting;

static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let paths = ["model-core/data/iris.csv", "model-core/data/penguins.csv"];
    paths.map(|path| std::fs::read(root().join(path)).unwrap()).into()
});

/// What gives a CSV file its structure, and what it trips over.
const PIECES: [&[u8]; 24] = [
    b",",
    b";",
    b"\t",
    b"\n",
    b"\r\n",
    b"\"",
    b"\"\"",
    b" ",
    b"\xEF\xBB\xBF",
    b"\xFF\xFE",
    b"\0",
    b"NA",
    b"?",
    b"1",
    b"2",
    b"-0",
    b"1e999",
    b"1,5",
    b"3.25",
    b"a",
    b"b",
    b"\xC3\xA9",
    b"\xC3",
    b"nan",
];

fn pieces(most: usize) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => select(&PIECES[..]).prop_map(<[u8]>::to_vec),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    proptest::collection::vec(piece, 0..most).prop_map(|pieces| pieces.concat())
}

#[test]
fn whole_files_are_read_in_little_memory() {
    FILES.iter().for_each(|file| properties::csv(file));
}

#[test]
fn the_shortest_rows_are_read_in_little_memory() {
    // A row of two bytes is kept in more than a hundred.
    properties::csv(&[b"x,y\n1,a\n1,b\n".as_slice(), &b",\n".repeat(20_000)].concat());
    properties::csv(&[b"x,y\n".as_slice(), &b"1,a\n1,b\n".repeat(5_000)].concat());
    properties::csv(&b",".repeat(20_000));
    properties::csv(&[b"a,b\n\"", b",\n".repeat(20_000).as_slice()].concat());
    let wide: Vec<String> = (0..400).map(|at| format!("c{at}")).collect();
    let row = |label: &str| format!("{}{label}\n", "1,".repeat(399));
    let rows = row("a") + &row("b");
    properties::csv((wide.join(",") + "\n" + &rows.repeat(50)).as_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn bytes_with_the_structure_of_csv_never_panic(bytes in pieces(80)) {
        properties::csv(&bytes);
    }

    #[test]
    fn tables_of_any_cells_never_panic(
        cells in proptest::collection::vec(pieces(3), 4..60),
        width in 2_usize..5,
    ) {
        let lines = cells.chunks_exact(width).map(|row| row.join(&b","[..]));
        properties::csv(&lines.collect::<Vec<_>>().join(&b"\n"[..]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn damaged_files_never_panic(
        file in any::<Index>(),
        changes in proptest::collection::vec((any::<Index>(), 0..9_usize, pieces(4)), 1..6),
    ) {
        let mut bytes = file.get(&FILES).clone();
        for (at, length, piece) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            bytes.splice(at..(at + length).min(bytes.len()), piece);
        }
        properties::csv(&bytes);
    }
}
