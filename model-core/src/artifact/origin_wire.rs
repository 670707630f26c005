//! What a model was made of, as it stands in a file: nothing of a model that was trained and did not
//! learn on.

use serde::{Deserialize, Serialize};

use super::Origin;
use crate::digest::Digest;
use crate::model::Family;
use crate::model::logistic_regression::OnlineParams;
use crate::recipe::ContinueParams;

#[derive(Serialize, Deserialize)]
pub(super) enum OriginWire {
    Continued {
        parent: [u8; 32],
        base: [u8; 32],
        n_rows: u32,
        n_rows_since_base: u64,
        prequential_accuracy: f64,
        learning_rate: f64,
        decay: f64,
        alpha: f64,
        fading: f64,
        n_passes: u32,
        seed: u64,
    },
    Merged(
        #[expect(
            clippy::vec_box,
            reason = "a length that a file claims is reserved for: of pointers, not of parents"
        )]
        Vec<Box<ParentWire>>,
    ),
}

#[derive(Serialize, Deserialize)]
pub(super) struct ParentWire {
    id: [u8; 32],
    n_rows: u64,
}

/// Absent for a model that was trained.
pub(super) fn encode(origin: &Origin) -> Option<OriginWire> {
    Some(match origin {
        Origin::Trained => return None,
        Origin::Continued {
            parent,
            base,
            n_rows,
            n_rows_since_base,
            prequential_accuracy,
            params,
        } => {
            let ContinueParams { online, n_passes, seed } = params;
            OriginWire::Continued {
                parent: *parent.as_bytes(),
                base: *base.as_bytes(),
                n_rows: *n_rows as u32,
                n_rows_since_base: *n_rows_since_base,
                prequential_accuracy: *prequential_accuracy,
                learning_rate: online.learning_rate,
                decay: online.decay,
                alpha: online.alpha,
                fading: online.fading,
                n_passes: *n_passes,
                seed: *seed,
            }
        }
        Origin::Merged { parents } => {
            let parent = |(id, n_rows): &(Digest, u64)| {
                Box::new(ParentWire { id: *id.as_bytes(), n_rows: *n_rows })
            };
            OriginWire::Merged(parents.iter().map(parent).collect())
        }
    })
}

/// What this says of a model of `family`, if it can be so.
pub(super) fn decode(wire: OriginWire, family: Family) -> Option<Origin> {
    let origin = match wire {
        OriginWire::Continued {
            parent,
            base,
            n_rows,
            n_rows_since_base,
            prequential_accuracy,
            learning_rate,
            decay,
            alpha,
            fading,
            n_passes,
            seed,
        } => {
            let online = OnlineParams { learning_rate, decay, alpha, fading };
            let params = ContinueParams { online, n_passes, seed };
            let sound = n_rows > 0
                && n_rows_since_base >= u64::from(n_rows)
                && (0.0..=1.0).contains(&prequential_accuracy)
                && params.check().is_ok();
            let (parent, base) = (Digest::from_bytes(parent), Digest::from_bytes(base));
            sound.then_some(Origin::Continued {
                parent,
                base,
                n_rows: n_rows as usize,
                n_rows_since_base,
                prequential_accuracy,
                params,
            })?
        }
        OriginWire::Merged(parents) => {
            let sound = parents.len() > 1 && parents.iter().all(|parent| parent.n_rows > 0);
            let parent = |wire: Box<ParentWire>| (Digest::from_bytes(wire.id), wire.n_rows);
            let parents = parents.into_iter().map(parent).collect();
            sound.then_some(Origin::Merged { parents })?
        }
    };
    (family == Family::LogisticRegression).then_some(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned_on(params: ContinueParams) -> Origin {
        Origin::Continued {
            parent: Digest::of(b"parent"),
            base: Digest::of(b"base"),
            n_rows: 7,
            n_rows_since_base: 9,
            prequential_accuracy: 0.5,
            params,
        }
    }

    fn continued(change: impl FnOnce(&mut OriginWire)) -> Option<Origin> {
        let origin = learned_on(ContinueParams::default());
        let mut wire = encode(&origin).unwrap();
        change(&mut wire);
        decode(wire, Family::LogisticRegression)
    }

    #[test]
    fn origins_come_back_as_they_were() {
        let params = ContinueParams {
            online: OnlineParams { learning_rate: 0.1, decay: 0.2, alpha: 0.3, fading: 0.4 },
            n_passes: 5,
            seed: 6,
        };
        let ids = [Digest::of(b"a"), Digest::of(b"b")];
        let origins =
            [learned_on(params), Origin::Merged { parents: vec![(ids[0], 1), (ids[1], u64::MAX)] }];
        for origin in origins {
            assert_eq!(decode(encode(&origin).unwrap(), Family::LogisticRegression), Some(origin));
        }
    }

    #[test]
    fn what_no_update_writes_is_refused() {
        assert!(continued(|_| {}).is_some());
        assert_eq!(
            continued(|wire| if let OriginWire::Continued { n_rows, .. } = wire {
                *n_rows = 0;
            }),
            None
        );
        assert_eq!(
            continued(|wire| {
                if let OriginWire::Continued { prequential_accuracy, .. } = wire {
                    *prequential_accuracy = f64::NAN;
                }
            }),
            None
        );
        assert_eq!(
            continued(|wire| if let OriginWire::Continued { decay, .. } = wire {
                *decay = 2.0;
            }),
            None
        );
        assert_eq!(
            continued(|wire| if let OriginWire::Continued { n_passes, .. } = wire {
                *n_passes = 0;
            }),
            None
        );
        assert_eq!(
            continued(|wire| {
                if let OriginWire::Continued { n_rows_since_base, .. } = wire {
                    *n_rows_since_base = 6;
                }
            }),
            None
        );
        let parents = |n_rows: &[u64]| {
            let parents = n_rows.iter().map(|&n| (Digest::of(b"a"), n)).collect();
            encode(&Origin::Merged { parents }).unwrap()
        };
        assert_eq!(decode(parents(&[1]), Family::LogisticRegression), None);
        assert_eq!(decode(parents(&[1, 0]), Family::LogisticRegression), None);
        assert!(decode(parents(&[1, 1]), Family::LogisticRegression).is_some());
        assert_eq!(decode(parents(&[1, 1]), Family::Svm), None, "only a regression learns on");
    }
}
