//! Billing, for agencies that charge clients: plans, monthly statements, and the bills derived from them. Knows
//! neither HTTP nor HTML.

pub mod bill;
pub mod months;
pub mod plan;
