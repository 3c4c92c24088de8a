//! The pages on which visitors pay: they send visitors back to where they came from, and bring nobody.

/// The hosts of payment services, and hosts below them. Of services that also send visitors of their own, such as Klarna, only
/// the hosts on which one pays.
const HOSTS: [&str; 42] = [
    "adyen.com",
    "amazonpay.com",
    "api.razorpay.com",
    "authorize.net",
    "braintreegateway.com",
    "checkout.klarna.com",
    "checkout.paddle.com",
    "checkout.shopify.com",
    "checkout.square.site",
    "checkout.stripe.com",
    "computop-paygate.com",
    "datatrans.com",
    "ecommerce.nexi.it",
    "giropay.de",
    "hooks.stripe.com",
    "live.sagepay.com",
    "mollie.com",
    "multisafepay.com",
    "ogone.com",
    "opayo.eu.elavon.com",
    "pay.amazon.com",
    "pay.checkout.com",
    "pay.gocardless.com",
    "pay.google.com",
    "pay.ideal.nl",
    "pay.klarna.com",
    "pay.shopify.com",
    "pay.sumup.com",
    "payments.amazon.com",
    "payments.klarna.com",
    "paypal.com",
    "paysafecard.com",
    "paytrail.com",
    "payu.com",
    "portal.afterpay.com",
    "pay1.de",
    "przelewy24.pl",
    "quickpay.net",
    "saferpay.com",
    "secure.worldpay.com",
    "sis.redsys.es",
    "sofort.com",
];

/// Returns true for the host of a payment service.
pub fn is_host(host: &str) -> bool {
    HOSTS.iter().any(|known| {
        let left = host.strip_suffix(known);
        left.is_some_and(|left| left.is_empty() || left.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payment_services_are_known_by_their_hosts() {
        for host in ["paypal.com", "www.paypal.com", "checkout.stripe.com", "checkoutshopper-live.adyen.com"]
        {
            assert!(is_host(host), "{host}");
        }
        for host in ["stripe.com", "www.klarna.com", "notpaypal.com", "paypal.com.evil.example", ""] {
            assert!(!is_host(host), "{host}");
        }
    }
}
