//! Routes as values: method, path, and the capability that the handler's first parameter states. A handler without
//! one does not compile here.

use super::auth::Authorized;
use super::{any_origin, hangup};
use crate::access::capability::Capability;
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{FromRequest, Handler, Responder, web};

/// The parameters of a handler, whose first one states the capability.
pub trait Guarded {
    /// The capability of the first parameter.
    const CAPABILITY: Capability;
}

macro_rules! guarded {
    ($($rest:ident)*) => {
        impl<P: Authorized, $($rest),*> Guarded for (P, $($rest,)*) {
            const CAPABILITY: Capability = P::CAPABILITY;
        }
    };
}
guarded!();
guarded!(A);
guarded!(A B);
guarded!(A B C);
guarded!(A B C D);
guarded!(A B C D E);

/// A route: one entry of a surface's list.
pub struct Route {
    /// `GET`, `POST`, or for programs `PUT`, `PATCH` or `DELETE`.
    pub method: Method,
    /// The path, with `{names}`.
    pub path: &'static str,
    /// The capability that the caller must have.
    pub capability: Capability,
    /// True if the route also answers `HEAD`.
    has_head: bool,
    /// True if the route also answers the preflight requests of browsers.
    has_preflight: bool,
    handler: Box<dyn Fn(Method) -> actix_web::Route>,
}

fn route<F, Args>(method: Method, path: &'static str, handler: F) -> Route
where
    F: Handler<Args>,
    Args: FromRequest + Guarded + 'static,
    F::Output: Responder + 'static,
{
    let handler = Box::new(move |verb: Method| web::method(verb).to(handler.clone()));
    Route { method, path, capability: Args::CAPABILITY, has_head: false, has_preflight: false, handler }
}

/// Returns the route of a page, which has a deadline and ends when its client is gone.
pub fn get<F, Args>(path: &'static str, handler: F) -> Route
where
    F: Handler<Args>,
    Args: FromRequest + Guarded + 'static,
    F::Output: Responder + 'static,
{
    let Route { capability, handler, .. } = route(Method::GET, path, handler);
    let handler = Box::new(move |verb: Method| handler(verb).wrap(from_fn(hangup::screen)));
    Route { method: Method::GET, path, capability, has_head: true, has_preflight: false, handler }
}

/// Returns the route of a file, which has no deadline and ends when its client is gone.
pub fn get_file<F, Args>(path: &'static str, handler: F) -> Route
where
    F: Handler<Args>,
    Args: FromRequest + Guarded + 'static,
    F::Output: Responder + 'static,
{
    let Route { capability, handler, .. } = route(Method::GET, path, handler);
    let handler = Box::new(move |verb: Method| handler(verb).wrap(from_fn(hangup::file)));
    Route { method: Method::GET, path, capability, has_head: true, has_preflight: false, handler }
}

/// Returns the route of a program's request, which has a deadline and ends when its client is gone.
pub fn get_program<F, Args>(path: &'static str, handler: F) -> Route
where
    F: Handler<Args>,
    Args: FromRequest + Guarded + 'static,
    F::Output: Responder + 'static,
{
    let Route { capability, handler, .. } = route(Method::GET, path, handler);
    let handler = Box::new(move |verb: Method| handler(verb).wrap(from_fn(hangup::program)));
    Route { method: Method::GET, path, capability, has_head: true, has_preflight: false, handler }
}

/// Returns the route of a program's request that scripts of every website may send, too.
pub fn get_script<F, Args>(path: &'static str, handler: F) -> Route
where
    F: Handler<Args>,
    Args: FromRequest + Guarded + 'static,
    F::Output: Responder + 'static,
{
    Route { has_preflight: true, ..get_program(path, handler) }
}

/// Returns the route of a program's question by `POST`, which has a deadline and ends when its client is gone.
pub fn post_program<F, Args>(path: &'static str, handler: F) -> Route
where
    F: Handler<Args>,
    Args: FromRequest + Guarded + 'static,
    F::Output: Responder + 'static,
{
    let Route { capability, handler, .. } = route(Method::POST, path, handler);
    let handler = Box::new(move |verb: Method| handler(verb).wrap(from_fn(hangup::program)));
    Route { method: Method::POST, path, capability, has_head: false, has_preflight: false, handler }
}

/// Returns the route of a beacon by `GET`. It has no `HEAD`, which would record a hit, and records even if its
/// client is gone.
pub fn get_beacon<F, Args>(path: &'static str, handler: F) -> Route
where
    F: Handler<Args>,
    Args: FromRequest + Guarded + 'static,
    F::Output: Responder + 'static,
{
    route(Method::GET, path, handler)
}

/// Returns the route of a change of state.
pub fn post<F, Args>(path: &'static str, handler: F) -> Route
where
    F: Handler<Args>,
    Args: FromRequest + Guarded + 'static,
    F::Output: Responder + 'static,
{
    route(Method::POST, path, handler)
}

/// Returns the route of a program's change of state by another method than `POST`.
pub fn change<F, Args>(method: Method, path: &'static str, handler: F) -> Route
where
    F: Handler<Args>,
    Args: FromRequest + Guarded + 'static,
    F::Output: Responder + 'static,
{
    route(method, path, handler)
}

/// Registers a surface's routes: one resource a path, so that a wrong method is answered 405.
pub fn register(config: &mut web::ServiceConfig, routes: &[Route]) {
    let mut paths: Vec<&str> = routes.iter().map(|route| route.path).collect();
    paths.dedup();
    for path in paths {
        let mut resource = web::resource(path);
        for route in routes.iter().filter(|route| route.path == path) {
            resource = resource.route((route.handler)(route.method.clone()));
            if route.has_head {
                resource = resource.route((route.handler)(Method::HEAD));
            }
            if route.has_preflight {
                resource = resource.route(web::method(Method::OPTIONS).to(any_origin::preflight));
            }
        }
        config.service(resource);
    }
}
