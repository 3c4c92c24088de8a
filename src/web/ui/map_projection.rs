//! The projection of the world map: Equal Earth (Šavrič, Patterson and Jenny, 2018), which shows areas in their true
//! proportion. Pure; the build draws the map with it too.

/// The width of the map in its own units.
pub const WIDTH: f64 = 2_000.0;
/// The height of the map: from the north of Greenland to the south of Chile.
pub const HEIGHT: f64 = 860.0;

/// Half the width of the whole projected earth.
const X_MAX: f64 = 2.706_629_983_319_41;
/// The upper edge of the map, which is not the pole.
const Y_TOP: f64 = 1.303;
const A: [f64; 4] = [1.340_264, -0.081_106, 0.000_893, 0.003_796];

/// Returns the point of a latitude and longitude in degrees.
pub fn project(latitude: f64, longitude: f64) -> (f64, f64) {
    let half_root_of_three = 3_f64.sqrt() / 2.0;
    let theta = (half_root_of_three * latitude.to_radians().sin()).asin();
    let (second, sixth) = (theta.powi(2), theta.powi(6));
    let slope = A[0] + 3.0 * A[1] * second + sixth * (7.0 * A[2] + 9.0 * A[3] * second);
    let x = longitude.to_radians() * theta.cos() / (half_root_of_three * slope);
    let y = theta * (A[0] + A[1] * second + sixth * (A[2] + A[3] * second));
    let scale = WIDTH / 2.0 / X_MAX;
    ((x + X_MAX) * scale, (Y_TOP - y) * scale)
}
