//! Billing, for agencies that charge clients: plans as somebody types them, months as they are counted and closed, and
//! bills as somebody may see them. Knows neither HTTP nor HTML.

pub mod bill;
pub mod months;
pub mod plan;
