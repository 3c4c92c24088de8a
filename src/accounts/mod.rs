//! What people do to an account: each act with its check, its change and its audit line in one function that takes
//! the transaction. Screens and commands call it and repeat none of it. Knows neither HTTP nor HTML.

pub mod account_form;
pub mod billing;
pub mod disabling;
pub mod email_confirmation;
pub mod first_setup;
mod letter;
pub mod passwords;
pub mod preferences;
pub mod profile;
pub mod removal;
pub mod second_factor;
pub mod second_factor_codes;
pub mod sign_ins;
pub mod sign_up;
pub mod sub_accounts;
