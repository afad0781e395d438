#include "participation/comment_routes.h"

#include <algorithm>

#include "base/json_value.h"
#include "civic/personal.h"
#include "flow/noun.h"
#include "flow/own_types.h"
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

constexpr std::size_t kTextMax = 2000, kAnswerMax = 4000, kReasonMax = 1000;

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

Result<flow::Case> case_to_handle(const Forum& on, const trust::Principal& who, std::string_view id) {
  flow::Case one = TRY(on.civic.find_case(id));
  TRY(on.civic.guard.may(who, Permission::handle_case, {one.department, one.area}));
  if (!on.view.is_proposal(one)) return fail(Errc::not_found, "this case is no proposal");
  return one;
}

bool may_handle(const Forum& on, const trust::Principal& who, const flow::Case& one) {
  return on.civic.guard.policy().allows(who, Permission::handle_case, {one.department, one.area});
}

void write_item(JsonWriter& out, const Forum& on, const Comment& one) {
  const ProposalPtr about = on.board.find(EntityId::lookup(one.in_case));
  out.object().field("id", one.id).field("proposal", one.in_case);
  out.field("code", about ? about->code : "").field("title", about ? about->title : "");
  serve::write_time(out, "at", one.at);
  out.field("text", one.text).field("masked", civic::mask_personal(one.text)).key("found").array();
  for (const civic::PersonalFind& find : civic::find_personal(one.text)) {
    out.object().field("what", civic::to_string(find.what));
    out.field("text", std::string_view(one.text).substr(find.begin, find.end - find.begin)).end();
  }
  out.end().field("flags", one.flags).field("state", to_string(one.state));
  const bool decided = one.decided_at != kNever;
  out.key("by");
  if (decided) out.text(one.decided_by);
  else out.null();
  serve::write_time(out, "decidedAt", one.decided_at);
  out.field("publicText", one.public_text).field("reason", one.reason).end();
}

void list_to_moderate(const Forum& on, const serve::Call& call, Reply reply) {
  const auto wish = serve::PageWish::of(call.request);
  if (!wish) return reply(net::problem(wish.error()));
  const std::string_view state = call.request.argument("state").value_or("waiting");
  if (state != "waiting" && state != "decided" && state != "all")
    return reply(net::problem(400, "invalid", "'state' is waiting, decided or all"));
  std::vector<Comment> all;
  for (const bool waiting : {true, false}) {
    if (state == (waiting ? "decided" : "waiting")) continue;
    auto some = waiting ? on.discussion.waiting() : on.discussion.decided();
    if (!some) return reply(net::problem(some.error()));
    std::ranges::move(*some, std::back_inserter(all));
  }
  std::erase_if(all, [&](const Comment& one) {
    const auto about = on.civic.find_case(one.in_case);
    return !about || !may_handle(on, call.principal, *about);
  });
  JsonWriter out;
  out.object();
  serve::write_page(out, "items", all, *wish, [&](const Comment& one) { write_item(out, on, one); });
  out.field("total", all.size()).end();
  reply(private_json(out.take()));
}

// Who decided what stands in the log; what was written does not.
Status note_ruling(const Forum& on, const Comment& one) {
  flow::NounWriter out(EntityId(fmt::format("urn:cityloop:CommentRuling:{}", one.id)), flow::kCommentRulingType.text(),
                       flow::WriteMode::replace);
  out.link("about", EntityId(one.in_case)).flag("shown", one.state == Comment::State::shown);
  out.flag("reworded", !one.public_text.empty()).text("by", one.decided_by).time("at", one.decided_at);
  twin::Commit commit;
  commit.origin = flow::Name(one.decided_by);
  commit.writes.push_back(out.take());
  const twin::CommitResult done = on.civic.twin.commit(std::move(commit));
  TRY(done.status);
  return done.writes.front();
}

Result<Comment> read_ruling(const Forum& on, const serve::Call& call) {
  auto found = TRY(on.discussion.comment(serve::path_part(call, "id")));
  if (!found || !found->staff.empty() || found->state == Comment::State::erased)
    return fail(Errc::not_found, "there is no such comment of a citizen");
  TRY(case_to_handle(on, call.principal, found->in_case));
  const JsonValue body = TRY(JsonValue::parse(call.request.body));
  const JsonValue* shown = body.find("shown");
  if (!shown || !shown->boolean()) return fail(Errc::invalid, "'shown' must be true or false");
  found->state = *shown->boolean() ? Comment::State::shown : Comment::State::hidden;
  found->public_text = TRY(sense::checked_text("text", body.text_or("text", ""), {kTextMax, false}));
  found->reason = TRY(sense::checked_text("reason", body.text_or("reason", ""), {kReasonMax, false}));
  if (found->state == Comment::State::hidden && found->reason.empty())
    return fail(Errc::invalid, "'reason' says why it is hidden; its writer reads it too");
  found->decided_by = call.principal.id;
  found->decided_at = on.now();
  return std::move(*found);
}

void decide(const Forum& on, const serve::Call& call, Reply reply) {
  const auto ruling = read_ruling(on, call);
  if (!ruling) return reply(net::problem(ruling.error()));
  if (const Status noted = note_ruling(on, *ruling); !noted) return reply(net::problem(noted.error()));
  if (const Status kept = on.discussion.decide(*ruling); !kept) return reply(net::problem(kept.error()));
  (void)on.refresh(EntityId(ruling->in_case));
  JsonWriter out;
  write_item(out, on, *ruling);
  reply(private_json(out.take()));
}

void answer(const Forum& on, const serve::Call& call, Reply reply) {
  const std::string_view id = serve::path_part(call, "id");
  const ProposalPtr by_code = on.board.find(id);
  const auto one = case_to_handle(on, call.principal, by_code ? by_code->id.text() : id);
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
  const auto staff = [&](void (*function)(const Forum&, const serve::Call&, Reply)) {
    return on.civic.guard.require(Permission::handle_case, call_by_clerk(on, function));
  };
  router.add(Method::get, "/public/v1/proposals/{code}/comments", by_clerk(on, list));
  router.add(Method::post, "/public/v1/proposals/{code}/comments", by_clerk(on, post));
  router.add(Method::del, "/public/v1/proposals/{code}/comments/{id}", by_clerk(on, erase));
  router.add(Method::post, "/public/v1/proposals/{code}/comments/{id}/flag", by_clerk(on, flag));
  router.add(Method::get, "/api/v1/participation/comments", staff(list_to_moderate));
  router.add(Method::put, "/api/v1/participation/comments/{id}", staff(decide));
  router.add(Method::post, "/api/v1/participation/proposals/{id}/answers", staff(answer));
}

}  // namespace cityloop::participation
