//! Every limit of the program, with its unit in its name. A refusal names its reason where the user can see it.

mod accounts;
mod alerts;
mod file;
mod goals;
mod hits;
mod monitors;
mod outgoing;
mod programs;
mod reports;
mod server;

pub use self::accounts::*;
pub use self::alerts::*;
pub use self::file::*;
pub use self::goals::*;
pub use self::hits::*;
pub use self::monitors::*;
pub use self::outgoing::*;
pub use self::programs::*;
pub use self::reports::*;
pub use self::server::*;
