use super::*;
use crate::adapters::memory::{
    Inline, ManualClock, MemoryArtifacts, MemoryPointerCopy, MemoryRegistry,
};
use model_core::{Dataset, Family, TrainParams};

const TTL: i64 = 10_000;

/// An isolate on a registry and a store of its own.
struct Isolate {
    clock: Arc<ManualClock>,
    registry: Arc<MemoryRegistry>,
    copy: Arc<MemoryPointerCopy>,
    artifacts: Arc<MemoryArtifacts>,
    late: Arc<Inline>,
    serving: Arc<Serving>,
}

impl Isolate {
    fn new() -> Self {
        let copy = Arc::new(MemoryPointerCopy::default());
        let registry = Arc::new(MemoryRegistry::new(copy.clone()));
        Self::beside(registry, copy, Arc::default(), Arc::new(ManualClock::new(1_000_000)))
    }

    /// Another isolate of the same deployment.
    fn beside(
        registry: Arc<MemoryRegistry>,
        copy: Arc<MemoryPointerCopy>,
        artifacts: Arc<MemoryArtifacts>,
        clock: Arc<ManualClock>,
    ) -> Self {
        let serving = Serving::new(
            registry.clone(),
            artifacts.clone(),
            copy.clone(),
            clock.clone(),
            TTL,
            1 << 20,
        );
        Self { clock, registry, copy, artifacts, late: Arc::default(), serving: Arc::new(serving) }
    }

    fn another(&self) -> Self {
        let (registry, copy) = (self.registry.clone(), self.copy.clone());
        Self::beside(registry, copy, self.artifacts.clone(), self.clock.clone())
    }

    /// Version that answers, and whether it may not be the one that should.
    async fn answers(&self) -> (u64, bool) {
        let late: Arc<dyn Background> = self.late.clone();
        let answering = self.serving.champion(Some(&late)).await.unwrap();
        (answering.model.version, answering.degraded)
    }

    async fn publish(&self, file: &[u8]) -> u64 {
        let at = self.clock.now_millis();
        let published = publish::publish(
            self.artifacts.as_ref(),
            self.registry.as_ref(),
            file.to_vec(),
            "owner".into(),
            at,
            None,
        );
        published.await.unwrap().version.unwrap()
    }

    async fn change(&self, change: Change) {
        let actor = "owner".to_owned();
        let at_millis = self.clock.now_millis();
        let request = ChangeRequest { change, actor, at_millis, if_generation: None, then: None };
        self.registry.change(&request).await.unwrap();
    }

    async fn deploy(&self, champion: u64, challenger: Option<u64>, split: u16, mode: Mode) {
        self.change(Change::Deploy {
            champion: Some(champion),
            challenger: Some(challenger),
            split_basis_points: Some(split),
            mode: Some(mode),
            public_artifact: None,
            probation: false,
            reason: None,
            evidence: None,
        })
        .await;
    }
}

/// The file of another iris model than the embedded one.
fn other_iris(seed: u64) -> Vec<u8> {
    let data = Dataset::iris();
    let params = TrainParams { cv_folds: 0, seed, ..TrainParams::new(Family::LogisticRegression) };
    params.train(&data).unwrap().to_bytes()
}

fn id_of(file: &[u8]) -> String {
    ServedModel::from_bytes(file, 1).unwrap().id
}

#[tokio::test]
async fn the_first_request_registers_the_embedded_model() {
    let isolate = Isolate::new();
    assert_eq!(isolate.answers().await, (1, false));
    let embedded = id_of(model_core::DEFAULT_ARTIFACT);
    assert_eq!(isolate.artifacts.keys(), [format!("model/v1/{embedded}")], "like any other");
    assert_eq!(isolate.another().answers().await, (1, false));
}

#[tokio::test]
async fn a_change_is_served_within_the_time_to_live() {
    let isolate = Isolate::new();
    isolate.answers().await;
    let version = isolate.publish(&other_iris(1)).await;
    isolate.deploy(version, None, 0, Mode::Live).await;
    isolate.clock.advance(TTL - 1);
    // This request still gets what is known, and sees to the rest after its answer.
    assert_eq!(isolate.answers().await, (1, false));
    isolate.late.run().await;
    assert_eq!(isolate.answers().await, (2, false));
    isolate.change(Change::Rollback { reason: None, evidence: None }).await;
    // Nobody asked for long: the next request waits for what the registry says.
    isolate.clock.advance(TTL);
    assert_eq!(isolate.answers().await, (1, false));
}

#[tokio::test]
async fn the_registry_is_asked_once_in_its_time() {
    let isolate = Isolate::new();
    isolate.answers().await;
    let before = isolate.registry.queries();
    for _ in 0..1_000 {
        isolate.answers().await;
        isolate.clock.advance(TTL / 1_000);
        isolate.late.run().await;
    }
    assert!(isolate.registry.queries() - before <= 2, "{}", isolate.registry.queries() - before);
}

#[tokio::test]
async fn without_a_registry_the_last_pointer_counts() {
    let isolate = Isolate::new();
    isolate.answers().await;
    let version = isolate.publish(&other_iris(1)).await;
    isolate.deploy(version, None, 0, Mode::Live).await;
    isolate.clock.advance(TTL);
    isolate.answers().await;
    isolate.registry.set_failing(true);
    isolate.copy.set_failing(true);
    isolate.clock.advance(TTL);
    assert_eq!(isolate.answers().await, (version, true));
    // A fresh isolate knows nothing, and answers with what it has.
    assert_eq!(isolate.another().answers().await, (1, true));
    isolate.registry.set_failing(false);
    isolate.clock.advance(TTL);
    assert_eq!(isolate.answers().await, (version, false));
}

#[tokio::test]
async fn the_copy_stands_in_for_the_registry_and_never_leads_back() {
    let isolate = Isolate::new();
    isolate.answers().await;
    let version = isolate.publish(&other_iris(1)).await;
    let old = isolate.copy.get().await.unwrap().unwrap();
    isolate.deploy(version, None, 0, Mode::Live).await;
    isolate.registry.set_failing(true);
    assert_eq!(isolate.another().answers().await, (version, true));
    // A copy that is late is older than what this isolate knows.
    isolate.registry.set_failing(false);
    isolate.clock.advance(TTL);
    assert_eq!(isolate.answers().await, (version, false));
    isolate.copy.put(&old).await.unwrap();
    isolate.registry.set_failing(true);
    isolate.clock.advance(TTL);
    assert_eq!(isolate.answers().await, (version, true));
}

#[tokio::test]
async fn a_file_that_is_gone_or_altered_is_not_served() {
    for tampered in [None, Some(b"no model".to_vec()), Some(other_iris(2))] {
        let isolate = Isolate::new();
        isolate.answers().await;
        let file = other_iris(1);
        let version = isolate.publish(&file).await;
        isolate.deploy(version, None, 0, Mode::Live).await;
        isolate.artifacts.tamper(ArtifactKey::Model(&id_of(&file)), tampered.clone());
        isolate.clock.advance(TTL);
        assert_eq!(isolate.answers().await, (1, true), "the one that served before");
        assert_eq!(isolate.another().answers().await, (1, true), "the embedded one");
        // Published once more it keeps its version, and its file is there again.
        assert_eq!(isolate.publish(&file).await, version);
        isolate.clock.advance(TTL);
        assert_eq!(isolate.answers().await, (version, false));
    }
}

#[tokio::test]
async fn a_store_that_fails_is_not_asked_by_every_request() {
    let isolate = Isolate::new();
    isolate.answers().await;
    let version = isolate.publish(&other_iris(1)).await;
    isolate.deploy(version, None, 0, Mode::Live).await;
    isolate.artifacts.set_failing(true);
    isolate.clock.advance(TTL);
    assert_eq!(isolate.answers().await, (1, true));
    isolate.artifacts.set_failing(false);
    assert_eq!(isolate.answers().await, (1, true), "it was asked a moment ago");
    isolate.clock.advance(2_000);
    assert_eq!(isolate.answers().await, (version, false));
}

#[tokio::test]
async fn a_lost_answer_leaves_the_change_done_once() {
    let isolate = Isolate::new();
    isolate.answers().await;
    isolate.registry.lose_answers(1);
    let file = other_iris(1);
    let at = isolate.clock.now_millis();
    let publishing = || {
        publish::publish(
            isolate.artifacts.as_ref(),
            isolate.registry.as_ref(),
            file.clone(),
            "owner".into(),
            at,
            None,
        )
    };
    publishing().await.unwrap_err();
    let again = publishing().await.unwrap();
    assert_eq!((again.fresh, again.version), (false, Some(2)));
}

/// Versions that answered callers `0..1000`, and who was asked beside them.
async fn split(isolate: &Isolate) -> (usize, usize) {
    let (mut challenger, mut shadowed) = (0, 0);
    for caller in 0..1_000_u32 {
        let assigned = isolate.serving.assigned(&caller.to_be_bytes(), None).await.unwrap();
        challenger += usize::from(assigned.answering.model.version == 2);
        shadowed += usize::from(assigned.shadow.is_some_and(|model| model.version == 2));
    }
    (challenger, shadowed)
}

#[tokio::test]
async fn a_live_challenger_answers_its_share_and_one_in_the_shadow_nobody() {
    let isolate = Isolate::new();
    isolate.answers().await;
    let file = other_iris(1);
    isolate.publish(&file).await;
    isolate.deploy(1, Some(2), 2_000, Mode::Live).await;
    isolate.serving.forget_pointer();
    let (answered, shadowed) = split(&isolate).await;
    assert!((130..270).contains(&answered) && shadowed == 0, "{answered}");
    isolate.deploy(1, Some(2), 2_000, Mode::Shadow).await;
    isolate.serving.forget_pointer();
    assert_eq!(split(&isolate).await, (0, answered), "the same callers, in the shadow");
    // Without its file the champion answers everybody, and says so where the challenger should have.
    isolate.artifacts.tamper(ArtifactKey::Model(&id_of(&file)), None);
    for (mode, expected) in [(Mode::Shadow, 0), (Mode::Live, answered)] {
        isolate.deploy(1, Some(2), 2_000, mode).await;
        let fresh = isolate.another();
        assert_eq!(split(&fresh).await, (0, 0));
        let mut degraded = 0;
        for caller in 0..1_000_u32 {
            let assigned = fresh.serving.assigned(&caller.to_be_bytes(), None).await.unwrap();
            degraded += usize::from(assigned.answering.degraded);
        }
        assert_eq!(degraded, expected, "{mode:?}");
    }
}
