// Resources that are made, listed, read, changed and taken away by their URI (registrations, subscriptions to them,
// entity maps, snapshots): the table of their routes, what each handler is given of a request, and the last steps that
// they have in common.
//
//   Request ─ Resource: what is in the path, what is in the body ─▶ handler ─ keep, gone, list_answer ─▶ Response
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/json_value.h"
#include "broker/exchange.h"

namespace cityloop::broker {

// The id in the path; Errc::invalid when it is no URI.
base::Result<std::string_view> uri_in_path(const Exchange&);
// The body, which must be a JSON object; Errc::malformed when it is no JSON.
base::Result<base::JsonValue> object_in_body(const Exchange&);

// Gives a handler what it takes beside the exchange: the id in the path (std::string_view), the object in the body
// (const base::JsonValue&), both in this order, or neither. Where one of them is not as it must be, that is the answer.
template <class Family, class Handler>
auto step(Handler handler) {
  return [handler](const Family& family, const Exchange& exchange, net::Reply reply) {
    using base::JsonValue;
    constexpr bool kBoth =
        std::is_invocable_v<Handler, const Family&, const Exchange&, std::string_view, const JsonValue&, net::Reply>;
    constexpr bool kId = std::is_invocable_v<Handler, const Family&, const Exchange&, std::string_view, net::Reply>;
    constexpr bool kBody = std::is_invocable_v<Handler, const Family&, const Exchange&, const JsonValue&, net::Reply>;
    base::Result<std::string_view> id;
    base::Result<JsonValue> body;
    if constexpr (kBoth || kId) id = uri_in_path(exchange);
    if (!id) return reply(problem(id.error()));
    if constexpr (kBoth || kBody) body = object_in_body(exchange);
    if (!body) return reply(problem(body.error()));
    if constexpr (kBoth) handler(family, exchange, *id, *body, std::move(reply));
    else if constexpr (kId) handler(family, exchange, *id, std::move(reply));
    else if constexpr (kBody) handler(family, exchange, *body, std::move(reply));
    else handler(family, exchange, std::move(reply));
  };
}

// What a table expects of those that read and of those that write; a body where there must be one is added.
struct ResourceExpect {
  Expect read, write;
};

// The routes below one root: each member adds one and gives the table back.
template <class Family>
class Resource {
 public:
  Resource(net::Router& router, const Desk& desk, const Family& family, std::string root, ResourceExpect expect)
      : router_(router), desk_(desk), family_(family), root_(std::move(root)), expect_(std::move(expect)) {}

  // POST ROOT; of a tenant that is not there yet too.
  template <class Handler>
  const Resource& make(Handler handler) const {
    Expect expect = expect_.write;
    expect.body = expect.creates_tenant = true;
    return add(net::Method::post, "", expect, handler);
  }
  // GET ROOT, with parameters of its own.
  template <class Handler>
  const Resource& list(std::vector<std::string_view> parameters, Handler handler) const {
    Expect expect = expect_.read;
    expect.parameters = std::move(parameters);
    return add(net::Method::get, "", expect, handler);
  }
  // GET, PATCH and DELETE ROOT/ID.
  template <class Handler>
  const Resource& show(Handler handler) const {
    return add(net::Method::get, "/{id}", expect_.read, handler);
  }
  template <class Handler>
  const Resource& change(Handler handler) const {
    return with_body(net::Method::patch, "/{id}", handler);
  }
  template <class Handler>
  const Resource& erase(Handler handler) const {
    return add(net::Method::del, "/{id}", expect_.write, handler);
  }
  // Any other that writes, with a body or without.
  template <class Handler>
  const Resource& with_body(net::Method method, std::string_view below, Handler handler) const {
    Expect expect = expect_.write;
    expect.body = true;
    return add(method, below, expect, handler);
  }
  template <class Handler>
  const Resource& without_body(net::Method method, std::string_view below, Handler handler) const {
    return add(method, below, expect_.write, handler);
  }

 private:
  template <class Handler>
  const Resource& add(net::Method method, std::string_view below, const Expect& expect, Handler handler) const {
    router_.add(method, root_ + std::string(below), binder(desk_, family_)(expect, step<Family>(handler)));
    return *this;
  }

  net::Router& router_;
  const Desk& desk_;
  const Family family_;
  const std::string root_;
  const ResourceExpect expect_;
};

base::Error absent(std::string_view what, std::string_view id);

// 201 with the Location of what was made below `root`.
net::Response created(const Exchange&, std::string_view root, std::string_view id);
// Writes, and answers so once it is on disk.
void keep(const Exchange&, flow::Write, net::Response success, net::Reply);
// The write that takes away what is kept as that entity.
flow::Write gone(flow::EntityId kept);
// A page of a list, as JSON texts, with count and links to the pages beside it (clauses 5.5.9, 6.3.10, 6.3.13).
net::Response list_answer(const Exchange&, const std::vector<std::string>& all);

// Whether a member is given as null, so that a change takes it away (clause 5.5.8).
bool is_null(const base::JsonValue&);

// "urn:ngsi-ld:WORD:…", for what is created without an id.
std::string fresh_id(std::string_view word);

}  // namespace cityloop::broker
