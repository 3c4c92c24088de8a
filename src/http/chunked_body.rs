//! Responses that are written in slices, so that years of visits take no more memory than a page. The first slice is
//! made before the response begins, so that a failure gets an error page, not a broken file.

use crate::error::{Error, Result};
use actix_web::body::{self, BodySize, BodyStream, BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::web::Bytes;
use futures_util::stream::{StreamExt, once, unfold};
use std::future::{Future, ready};

/// Returns the body of a response in slices. Each slice returns the position of the next, if there is one. An error
/// after the first slice breaks the response off, so that a part is not taken for the whole.
///
/// # Errors
///
/// Fails as the first slice does.
pub async fn body<S, Made>(first: S, make: impl Fn(S) -> Made + 'static) -> Result<BoxBody>
where
    S: 'static,
    Made: Future<Output = Result<(Bytes, Option<S>)>> + 'static,
{
    let (bytes, next) = make(first).await?;
    let rest = unfold(next, move |next| {
        let slice = next.map(&make);
        async move {
            match slice?.await {
                Ok((bytes, next)) => Some((Ok::<_, Error>(bytes), next)),
                Err(error) => Some((Err(error), None)),
            }
        }
    });
    Ok(BodyStream::new(once(ready(Ok(bytes))).chain(rest)).boxed())
}

/// Drops the body of a stream from the answer to a `HEAD` request: nobody would read it, and a live stream never ends.
pub fn without_stream(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    response.map_body(|_, body| match body.size() {
        BodySize::Stream => BoxBody::new(body::None::new()),
        BodySize::None | BodySize::Sized(_) => body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::to_bytes;

    async fn counted(until: u8, breaks_at: u8) -> Result<BoxBody> {
        body(0, move |number: u8| async move {
            if number == breaks_at {
                return Err(Error::Missing("slice"));
            }
            Ok((Bytes::from(number.to_string()), (number < until).then_some(number + 1)))
        })
        .await
    }

    #[actix_web::test]
    async fn slices_follow_each_other_and_an_error_of_the_first_is_no_answer() {
        let whole = to_bytes(counted(3, 9).await.unwrap()).await.unwrap();
        assert_eq!(whole, "0123");
        assert!(matches!(counted(3, 0).await, Err(Error::Missing(_))));
        assert!(to_bytes(counted(3, 2).await.unwrap()).await.is_err(), "a part looks like the whole");
    }
}
