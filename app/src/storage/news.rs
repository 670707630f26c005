//! Tells the other tabs of this site that runs have come, changed or gone.

use gloo::events::EventListener;
use web_sys::BroadcastChannel;

const CHANNEL: &str = "tepal";
const RUNS: &str = "runs";

/// Tells everybody who listens, in this tab too. A browser without channels has the others find out later.
pub(crate) fn tell() {
    if let Ok(channel) = BroadcastChannel::new(CHANNEL) {
        // A text can be cloned.
        let _ = channel.post_message(&RUNS.into());
        channel.close();
    }
}

/// Hears of news while it lives.
pub(crate) struct Listener {
    channel: BroadcastChannel,
    _on_message: EventListener,
}

impl Listener {
    /// Calls `hear` with each piece of news; none in a browser without channels.
    pub(crate) fn new(hear: impl Fn() + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(CHANNEL).ok()?;
        let on_message = EventListener::new(&channel, "message", move |_| hear());
        Some(Self { channel, _on_message: on_message })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.channel.close();
    }
}
