//! Any bytes as a CSV file: to learn from, and to be read by models that are there.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tepal_tests::allocator::Counting;
use tepal_tests::properties;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fuzz_target!(|bytes: &[u8]| properties::csv(bytes));
