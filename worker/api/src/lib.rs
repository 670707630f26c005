//! Wire types of the edge API, shared by the Worker and the page.
