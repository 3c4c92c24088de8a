//! The words that all rooms speak: ids, times, days, months, money, addresses, levels. Values are parsed at the edge and
//! trusted from then on.

pub mod address;
pub mod alert;
pub mod channel;
pub mod clicks;
pub mod clock;
pub mod currency;
pub mod day_text;
pub mod device_class;
pub mod device_type;
pub mod email;
pub mod funnel;
pub mod goal;
pub mod id;
pub mod level;
pub mod measures;
pub mod metrics;
pub mod money;
pub mod monitor;
pub mod month;
pub mod number_text;
pub mod page_form;
pub mod rhythm;
pub mod special_address;
pub mod username;
pub mod vital;
pub mod webhook;
