#include "participation/comment_routes.h"

#include <algorithm>

#include "base/json_value.h"
#include "civic/personal.h"
#include "participation/moderation_routes.h"
#include "participation/proposal_routes.h"
#include "sense/clean_text.h"
#include "serve/respond.h"
#include "serve/views.h"
#include "trust/secret.h"

namespace cityloop::participation {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using base::Result;
using base::Status;
using net::Reply;
using net::Request;
using trust::Permission;

constexpr std::size_t kTextMax = 2000, kAnswerMax = 4000;

// What others read of it; nothing where they do not.
std::optional<std::string> seen_text(const Forum& on, const Comment& one, bool mine) {
  switch (one.state) {
    case Comment::State::shown: return one.public_text.empty() ? one.text : one.public_text;
    case Comment::State::waiting:
      if (mine) return one.text;
      if (on.settings.comments == CommentRule::masked) return civic::mask_personal(one.text);
      return std::nullopt;
    case Comment::State::hidden: return mine ? std::optional(one.text) : std::nullopt;
    case Comment::State::erased: return std::nullopt;
  }
  return std::nullopt;
}

struct Reader {
  const Forum& on;
  const std::optional<Person>& person;
  std::string author;  // the person who made the proposal; empty when nobody is known

  void write(JsonWriter& out, const Comment& one) const {
    const bool mine = person && !one.person.empty() && one.person == person->number;
    serve::write_time(out.object().field("id", one.id), "at", one.at);
    const auto text_or_null = [&](std::string_view key, const std::string& text) {
      out.key(key);
      if (text.empty()) out.null();
      else out.text(text);
    };
    text_or_null("replyTo", one.reply_to);
    text_or_null("by", one.name);
    out.key("with");
    if (one.staff.empty()) out.null();
    else serve::write(out, one.department.empty() ? on.civic.city.name : on.view.department_name(one.department));
    out.field("official", !one.staff.empty());
    out.field("author", !author.empty() && one.person == author).field("state", to_string(one.state));
    out.key("text");
    if (const auto text = seen_text(on, one, mine)) out.text(*text);
    else out.null();
    text_or_null("reason", one.state == Comment::State::hidden ? one.reason : "");
    out.field("mine", mine).end();
  }
};

Result<std::vector<std::string>> tree_of(const Forum& on, const PublicProposal& one) {
  return on.view.tree_of(TRY(on.civic.find_case(one.id.text())));
}

net::Response discussion_of(const Forum& on, const PublicProposal& one, const std::optional<Person>& person,
                            int status = 200) {
  const auto tree = tree_of(on, one);
  if (!tree) return net::problem(tree.error());
  const auto comments = on.discussion.of(*tree);
  if (!comments) return net::problem(comments.error());
  const auto who = one.author.empty() ? Result<std::string>(std::string()) : on.people.person_of(one.author);
  const Reader reader{on, person, who.value_or("")};
  JsonWriter out;
  out.object().key("comments").array();
  for (const Comment& comment : *comments) reader.write(out, comment);
  out.end().field("total", comments->size()).end();
  return private_json(out.take(), status);
}

void list(const Forum& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.civic.limits.reads, on.civic.asker(request))) return reply(std::move(*wait));
  const auto person = on.person_if(request);
  const auto one = visible_proposal(on, request, person);
  reply(one ? discussion_of(on, **one, person) : net::problem(one.error()));
}

// A reply belongs to the same discussion.
Status check_reply(const Forum& on, const std::vector<std::string>& tree, const std::string& reply_to) {
  if (reply_to.empty()) return {};
  const auto to = TRY(on.discussion.comment(reply_to));
  if (!to || std::ranges::find(tree, to->in_case) == tree.end())
    return fail(Errc::invalid, "there is no such comment to reply to");
  return {};
}

Result<Comment> read_comment(const Forum& on, const Request& request, const PublicProposal& about, std::size_t most,
                             std::string_view by) {
  const JsonValue body = TRY(JsonValue::parse(request.body));
  Comment out;
  out.text = TRY(sense::checked_text("text", body.text_or("text", ""), {most, false}));
  if (out.text.empty()) return fail(Errc::invalid, "'text' says something");
  out.reply_to = body.text_or("replyTo", "");
  const auto tree = TRY(tree_of(on, about));
  TRY(check_reply(on, tree, out.reply_to));
  serve::OnceKey once = TRY(serve::once_key_of(request));
  if (once.none()) once.text = trust::make_secret();
  out.id = on.keys.number_from(fmt::format("comment\n{}\n{}", by, once.text));
  out.in_case = tree.front();
  out.at = on.now();
  return out;
}

// Sent again it is there already; another text under the same key is not.
Status add(const Forum& on, const Comment& one) {
  if (TRY(on.discussion.add(one))) return {};
  const auto known = TRY(on.discussion.comment(one.id));
  const bool same = known && (known->text == one.text || known->state == Comment::State::erased);
  if (!same) return fail(Errc::exists, "this Idempotency-Key was used for another comment: take a new one for each");
  return {};
}

void post(const Forum& on, const Request& request, Reply reply) {
  const auto person = on.person(request);
  if (!person) return reply(net::problem(person.error()));
  if (auto wait = on.too_often(on.limits.comments, person->number)) return reply(std::move(*wait));
  const auto one = visible_proposal(on, request, *person);
  if (!one) return reply(net::problem(one.error()));
  if (!(*one)->shown || !(*one)->open || on.settings.comments == CommentRule::none)
    return reply(net::problem(409, "conflict", "this is not discussed, or no more"));
  auto comment = read_comment(on, request, **one, kTextMax, person->number);
  if (!comment) return reply(net::problem(comment.error()));
  comment->person = person->number;
  if (const Status added = add(on, *comment); !added) return reply(serve::desk_problem(added.error()));
  (void)on.refresh((*one)->id);
  reply(discussion_of(on, **one, *person, 201));
}

// The comment of a path, of the proposal that it names.
Result<Comment> comment_at(const Forum& on, const Request& request, const PublicProposal& about) {
  auto found = TRY(on.discussion.comment(request.params.at("id")));
  const auto tree = TRY(tree_of(on, about));
  if (!found || std::ranges::find(tree, found->in_case) == tree.end())
    return fail(Errc::not_found, "there is no such comment");
  return std::move(*found);
}

void erase(const Forum& on, const Request& request, Reply reply) {
  const auto person = on.person(request);
  if (!person) return reply(net::problem(person.error()));
  const auto one = visible_proposal(on, request, *person);
  if (!one) return reply(net::problem(one.error()));
  const auto comment = comment_at(on, request, **one);
  if (!comment) return reply(net::problem(comment.error()));
  if (comment->person != person->number) return reply(net::problem(403, "refused", "only who wrote it may erase it"));
  if (const Status gone = on.discussion.erase(comment->id); !gone) return reply(net::problem(gone.error()));
  (void)on.refresh((*one)->id);
  reply(discussion_of(on, **one, *person));
}

void flag(const Forum& on, const Request& request, Reply reply) {
  const auto person = on.person(request);
  if (!person) return reply(net::problem(person.error()));
  if (auto wait = on.too_often(on.limits.comments, person->number)) return reply(std::move(*wait));
  const auto one = visible_proposal(on, request, *person);
  if (!one) return reply(net::problem(one.error()));
  const auto comment = comment_at(on, request, **one);
  if (!comment) return reply(net::problem(comment.error()));
  if (const Status noted = on.discussion.flag(comment->id, person->number); !noted)
    return reply(net::problem(noted.error()));
  net::Response response;
  response.status = 204;
  reply(std::move(response));
}

// staff

void answer(const Forum& on, const serve::Call& call, Reply reply) {
  const auto one = proposal_to_handle(on, call);
  if (!one) return reply(net::problem(one.error()));
  const ProposalPtr about = on.board.find(one->id);
  if (!about) return reply(net::problem(404, "not found", "there is no such proposal"));
  auto comment = read_comment(on, call.request, *about, kAnswerMax, call.principal.id);
  if (!comment) return reply(net::problem(comment.error()));
  comment->staff = call.principal.id;
  comment->department = call.principal.department;
  comment->state = Comment::State::shown;
  comment->decided_by = call.principal.id;
  comment->decided_at = comment->at;
  if (const Status added = add(on, *comment); !added) return reply(serve::desk_problem(added.error()));
  if (const Status noted = note_ruling(on, *comment); !noted) return reply(net::problem(noted.error()));
  (void)on.refresh(one->id);
  reply(discussion_of(on, *about, std::nullopt, 201));
}

}  // namespace

void CommentRoutes::add_to(net::Router& router) const {
  using net::Method;
  router.add(Method::get, "/public/v1/proposals/{code}/comments", by_clerk(on, list));
  router.add(Method::post, "/public/v1/proposals/{code}/comments", by_clerk(on, post));
  router.add(Method::del, "/public/v1/proposals/{code}/comments/{id}", by_clerk(on, erase));
  router.add(Method::post, "/public/v1/proposals/{code}/comments/{id}/flag", by_clerk(on, flag));
  router.add(Method::post, "/api/v1/participation/proposals/{id}/answers",
             on.civic.guard.require(Permission::handle_case, call_by_clerk(on, answer)));
}

}  // namespace cityloop::participation
