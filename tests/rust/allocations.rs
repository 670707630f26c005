//! One prediction allocates nothing per tree, per support vector or at all.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use model_core::Family;
use tepal_tests::trained;

struct Counting;

thread_local!(static ALLOCATIONS: Cell<usize> = const { Cell::new(0) });

#[expect(unsafe_code, reason = "an allocator is unsafe to implement; this one only counts")]
// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(work: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.with(Cell::get);
    work();
    ALLOCATIONS.with(Cell::get) - before
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(vec![1_u8; 10]))), 1);
}

#[test]
fn a_prediction_into_a_buffer_allocates_nothing() {
    for family in Family::ALL {
        let model = trained(family, 42);
        let mut out = [0.0; 3];
        let count = allocations(|| model.predict_proba_into(&[5.9, 3.0, 4.8, 1.7], &mut out));
        assert_eq!(count, 0, "{family}");
        assert!((out.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn an_answer_is_one_allocation() {
    for family in Family::ALL {
        let model = trained(family, 42);
        let flower = model.schema().row(&[5.9, 3.0, 4.8, 1.7]).unwrap();
        assert_eq!(allocations(|| drop(model.predict(&flower))), 1, "{family}");
    }
}
