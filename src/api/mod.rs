//! The surface for programs: Clicky's API, which scripts and integrations read after changing the host name.

pub mod clicky;
