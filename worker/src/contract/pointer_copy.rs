//! The copy of the registry's pointer: one, the last.

use tepal_api::{Trial, TrialStage};

use super::{Outcome, cases, same};
use crate::ports::{Deployment, Mode, ModelRef, Pointer, PointerCopy};

/// A copy.
pub(crate) struct Stand<C> {
    copy: C,
}

impl<C: PointerCopy> Stand<C> {
    pub(crate) fn new(copy: C) -> Self {
        Self { copy }
    }
}

cases! {
    on Stand<C>, for [C: PointerCopy];
    natively {
        super::Stand::new(crate::adapters::memory::MemoryPointerCopy::default())
    };
    the_last_pointer_stands_in_the_place_of_the_one_before,
}

fn pointer(generation: u64) -> Pointer {
    let model = |version| ModelRef { version, model_id: format!("{version:064x}") };
    let deployment = Deployment {
        champion: model(generation),
        challenger: generation.is_multiple_of(2).then(|| model(9)),
        split_basis_points: 2_000,
        mode: Mode::Shadow,
        public_artifact: true,
        previous_champion: Some(model(1)),
        trial: Some(Trial { number: 3, stage: TrialStage::Tenth }),
    };
    Pointer { generation, deployment, revoked_keys: vec!["a key".to_owned()] }
}

async fn the_last_pointer_stands_in_the_place_of_the_one_before<C: PointerCopy>(
    on: &Stand<C>,
) -> Outcome {
    // Which one is newer is for the reader to judge: what comes last stands.
    for generation in [2, 3, 1] {
        on.copy.put(&pointer(generation)).await?;
        same!(on.copy.get().await?, Some(pointer(generation)));
    }
    Ok(())
}
