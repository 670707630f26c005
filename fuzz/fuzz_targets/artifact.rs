//! Any bytes as a model file, and as the content of one whose hash and length fit.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tepal_tests::allocator::Counting;
use tepal_tests::properties::{ANY_MEMORY, artifact, framed};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fuzz_target!(|bytes: &[u8]| {
    let _ = artifact(bytes, ANY_MEMORY);
    let _ = artifact(&framed(bytes), ANY_MEMORY);
});
