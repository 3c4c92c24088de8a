//! The currency of a site. A change keeps every amount as it reads and converts nothing at a rate.

use crate::access::audit::{Actor, AuditAction};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::currency::Currency;
use crate::store::blocks;
use crate::store::currency_change::{self, AmountCounts};
use crate::store::sites::Site;
use rusqlite::{Connection, Transaction};

/// The consequences of a change of currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrencyChange {
    /// The currency of today.
    pub from: Currency,
    /// The new currency.
    pub to: Currency,
    /// The numbers of stored amounts, which keep their digits as far as the new currency has decimals for them.
    pub amounts: AmountCounts,
}

impl CurrencyChange {
    /// Returns true if it is another currency.
    pub fn is_needed(&self) -> bool {
        self.from != self.to
    }

    /// Returns true if amounts are rounded, since the new currency has fewer decimals.
    pub fn rounds(&self) -> bool {
        self.to.decimals() < self.from.decimals()
    }

    /// Returns true if others who write may wait some seconds for it.
    pub fn takes_long(&self) -> bool {
        self.to.decimals() != self.from.decimals() && self.amounts.conversions >= limits::CURRENCY_CHANGE_LONG
    }

    /// Returns an example: an amount before and after the change, such as `1,200.00 USD` and `1,200 JPY`.
    pub fn example(&self) -> (String, String) {
        let amount = 1_200 * 10_i64.pow(self.from.decimals());
        (self.from.text(amount), self.to.text(self.from.rescaled(amount, self.to)))
    }
}

/// Parses the code of a currency.
///
/// # Errors
///
/// Fails with `Error::Invalid` when there is no such currency.
pub fn parse(code: &str) -> Result<Currency> {
    let wrong = || Error::invalid("currency", "Choose a currency by its three letters, such as EUR or USD.");
    Currency::parse(code).ok_or_else(wrong)
}

/// Returns the consequences of a change of currency.
///
/// # Errors
///
/// Fails when the data file cannot be read.
pub fn preview(connection: &Connection, site: &Site, to: Currency) -> Result<CurrencyChange> {
    let amounts = currency_change::count(connection, site.id)?;
    Ok(CurrencyChange { from: site.currency, to, amounts })
}

/// Changes the currency of a site, and brings its amounts to the decimals of the new one, halves to even.
///
/// # Errors
///
/// Fails with `Error::Missing` when there is no such site, and when the data file cannot be written.
pub fn change(tx: &Transaction<'_>, actor: &Actor, site: &Site, to: Currency) -> Result<()> {
    // As it is now, not as the form saw it: amounts must not be rescaled twice.
    let from = crate::store::sites::get(tx, site.id)?.currency;
    if from == to {
        return Ok(());
    }
    currency_change::run(tx, site.id, from, to)?;
    if from.decimals() != to.decimals() {
        blocks::unseal_all(tx, site.id)?;
    }
    actor.record(tx, site.id, AuditAction::ChangeCurrency, &format!("{from} → {to}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_takes_long_where_many_amounts_get_other_decimals() {
        let takes_long = |to: &str, conversions: i64| {
            let (from, to) = (parse("EUR").unwrap(), parse(to).unwrap());
            CurrencyChange { from, to, amounts: AmountCounts { conversions, ..AmountCounts::default() } }
                .takes_long()
        };
        assert!(takes_long("JPY", 2_000_000) && !takes_long("JPY", 2_000) && !takes_long("USD", 2_000_000));
    }
}
