//! One prediction allocates nothing per tree, per support vector or at all.

use model_core::Family;
use tepal_tests::allocator::{Counting, allocations, peak};
use tepal_tests::trained;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(vec![1_u8; 10]))), 1);
    let (_, peak) = peak(|| {
        for bytes in [10, 30, 20] {
            drop(std::hint::black_box(vec![1_u8; bytes]));
        }
    });
    assert_eq!(peak, 30);
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
