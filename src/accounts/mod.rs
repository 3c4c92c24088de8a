//! The acts of people on an account: each checks, changes and writes its line in the audit log, all in the transaction that
//! it is given. Screens and commands call them. Knows neither HTTP nor HTML.

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
pub mod tokens;
