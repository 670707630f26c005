//! The Tepal dashboard: classify, train and compare in the browser.
