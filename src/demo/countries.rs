//! The countries of the visitors of all businesses. Data only.

use super::business::Weighted;

/// A country with its languages, networks and cities.
pub struct CountryProfile {
    /// The ISO 3166-1 alpha-2 code.
    pub code: &'static str,
    /// A language tag.
    pub language: &'static str,
    /// The first two bytes of IPv4 addresses.
    pub network: [u8; 2],
    /// The names of network operators.
    pub organizations: &'static [&'static str],
    /// The cities, largest first: name, region, latitude, longitude.
    pub cities: &'static [(&'static str, &'static str, f64, f64)],
}

/// The countries, with weights.
pub const COUNTRIES: [Weighted<CountryProfile>; 16] = [
    (
        520,
        CountryProfile {
            code: "DE",
            language: "de-de",
            network: [91, 12],
            organizations: &["Deutsche Telekom", "Vodafone Germany", "1&1 Telecom", "O2 Germany"],
            cities: &[
                ("Berlin", "Berlin", 52.52, 13.40),
                ("Potsdam", "Brandenburg", 52.40, 13.06),
                ("Hamburg", "Hamburg", 53.55, 9.99),
                ("Leipzig", "Saxony", 51.34, 12.37),
                ("Munich", "Bavaria", 48.14, 11.58),
                ("Cologne", "North Rhine-Westphalia", 50.94, 6.96),
            ],
        },
    ),
    (
        70,
        CountryProfile {
            code: "AT",
            language: "de-at",
            network: [80, 110],
            organizations: &["A1 Telekom Austria", "Magenta Telekom"],
            cities: &[("Vienna", "Vienna", 48.21, 16.37), ("Graz", "Styria", 47.07, 15.44)],
        },
    ),
    (
        55,
        CountryProfile {
            code: "CH",
            language: "de-ch",
            network: [85, 0],
            organizations: &["Swisscom", "Sunrise"],
            cities: &[("Zurich", "Zurich", 47.37, 8.54), ("Bern", "Bern", 46.95, 7.45)],
        },
    ),
    (
        60,
        CountryProfile {
            code: "US",
            language: "en-us",
            network: [73, 15],
            organizations: &["Comcast Cable", "Verizon", "Spectrum"],
            cities: &[
                ("New York", "New York", 40.71, -74.01),
                ("Portland", "Oregon", 45.52, -122.68),
                ("Austin", "Texas", 30.27, -97.74),
            ],
        },
    ),
    (
        48,
        CountryProfile {
            code: "GB",
            language: "en-gb",
            network: [81, 2],
            organizations: &["BT", "Virgin Media", "Sky UK"],
            cities: &[("London", "England", 51.51, -0.13), ("Edinburgh", "Scotland", 55.95, -3.19)],
        },
    ),
    (
        40,
        CountryProfile {
            code: "FR",
            language: "fr-fr",
            network: [90, 4],
            organizations: &["Orange", "Free"],
            cities: &[("Paris", "Île-de-France", 48.86, 2.35), ("Lyon", "Auvergne-Rhône-Alpes", 45.76, 4.84)],
        },
    ),
    (
        38,
        CountryProfile {
            code: "PL",
            language: "pl-pl",
            network: [83, 8],
            organizations: &["Orange Polska", "UPC Polska"],
            cities: &[("Warsaw", "Mazovia", 52.23, 21.01), ("Szczecin", "West Pomerania", 53.43, 14.55)],
        },
    ),
    (
        36,
        CountryProfile {
            code: "NL",
            language: "nl-nl",
            network: [84, 24],
            organizations: &["KPN", "Ziggo"],
            cities: &[("Amsterdam", "North Holland", 52.37, 4.90)],
        },
    ),
    (
        22,
        CountryProfile {
            code: "DK",
            language: "da-dk",
            network: [87, 48],
            organizations: &["TDC", "Stofa"],
            cities: &[("Copenhagen", "Capital Region", 55.68, 12.57)],
        },
    ),
    (
        20,
        CountryProfile {
            code: "SE",
            language: "sv-se",
            network: [78, 64],
            organizations: &["Telia"],
            cities: &[("Stockholm", "Stockholm", 59.33, 18.07)],
        },
    ),
    (
        20,
        CountryProfile {
            code: "IT",
            language: "it-it",
            network: [79, 0],
            organizations: &["Telecom Italia"],
            cities: &[("Milan", "Lombardy", 45.46, 9.19)],
        },
    ),
    (
        18,
        CountryProfile {
            code: "ES",
            language: "es-es",
            network: [80, 24],
            organizations: &["Telefonica de Espana"],
            cities: &[("Madrid", "Madrid", 40.42, -3.70)],
        },
    ),
    (
        14,
        CountryProfile {
            code: "CA",
            language: "en-ca",
            network: [70, 24],
            organizations: &["Bell Canada"],
            cities: &[("Toronto", "Ontario", 43.65, -79.38)],
        },
    ),
    (
        12,
        CountryProfile {
            code: "JP",
            language: "ja-jp",
            network: [126, 0],
            organizations: &["Softbank"],
            cities: &[("Tokyo", "Tokyo", 35.68, 139.69)],
        },
    ),
    (
        10,
        CountryProfile {
            code: "AU",
            language: "en-au",
            network: [1, 120],
            organizations: &["Telstra"],
            cities: &[("Melbourne", "Victoria", -37.81, 144.96)],
        },
    ),
    (
        10,
        CountryProfile {
            code: "BR",
            language: "pt-br",
            network: [177, 0],
            organizations: &["Claro"],
            cities: &[("São Paulo", "São Paulo", -23.55, -46.63)],
        },
    ),
];
