#include "participation/moderation_routes.h"

#include <algorithm>
#include <unordered_set>

#include "base/json_value.h"
#include "civic/moderation_routes.h"
#include "civic/personal.h"
#include "flow/noun.h"
#include "flow/own_types.h"
#include "sense/clean_text.h"
#include "serve/respond.h"
#include "serve/views.h"

namespace cityloop::participation {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using base::Result;
using base::Status;
using net::Reply;
using trust::Permission;

constexpr std::size_t kTextMax = 2000, kReasonMax = 1000;

struct QueueWish {
  serve::PageWish page;
  bool waiting{true}, decided{false};

  static Result<QueueWish> of(const net::Request& request) {
    const std::string_view state = request.argument("state").value_or("waiting");
    if (state != "waiting" && state != "decided" && state != "all")
      return fail(Errc::invalid, "'state' is waiting, decided or all");
    return QueueWish{TRY(serve::PageWish::of(request)), state != "decided", state != "waiting"};
  }
};

Result<flow::Case> case_to_handle(const Forum& on, const trust::Principal& who, std::string_view id) {
  flow::Case one = TRY(on.civic.find_case(id));
  TRY(on.civic.guard.may(who, Permission::handle_case, {one.department, one.area}));
  if (!on.view.is_proposal(one)) return fail(Errc::not_found, "this case is no proposal");
  return one;
}

bool may_handle(const Forum& on, const trust::Principal& who, const flow::Case& one) {
  return on.civic.guard.policy().allows(who, Permission::handle_case, {one.department, one.area});
}

void write_text(JsonWriter& out, std::string_view key, std::string_view text) {
  out.key(key);
  if (text.empty()) out.null();
  else out.text(text);
}

// comments

void write_comment(JsonWriter& out, const Forum& on, const Comment& one) {
  const ProposalPtr about = on.board.find(EntityId::lookup(one.in_case));
  out.object().field("id", one.id).field("proposal", one.in_case);
  out.field("code", about ? about->code : "").field("title", about ? about->title : "");
  serve::write_time(out, "at", one.at);
  write_text(out, "replyTo", one.reply_to);
  write_text(out, "name", one.name);
  out.field("official", !one.staff.empty()).field("text", one.text).field("masked", civic::mask_personal(one.text));
  civic::write_found(out, one.text);
  out.field("flags", one.flags).field("state", to_string(one.state));
  write_text(out, "by", one.decided_at == kNever ? std::string_view() : one.decided_by);
  serve::write_time(out, "decidedAt", one.decided_at);
  out.field("publicText", one.public_text).field("reason", one.reason).end();
}

Result<std::vector<Comment>> comments_in(const Forum& on, const QueueWish& wish) {
  std::vector<Comment> out;
  if (wish.waiting) out = TRY(on.discussion.waiting());
  if (!wish.decided) return out;
  // One that was flagged after its decision waits again.
  std::unordered_set<std::string> told;
  for (const Comment& one : out) told.insert(one.id);
  for (Comment& one : TRY(on.discussion.decided())) {
    if (!told.contains(one.id)) out.push_back(std::move(one));
  }
  return out;
}

void list_comments(const Forum& on, const serve::Call& call, Reply reply) {
  const auto wish = QueueWish::of(call.request);
  if (!wish) return reply(net::problem(wish.error()));
  auto found = comments_in(on, *wish);
  if (!found) return reply(net::problem(found.error()));
  std::erase_if(*found, [&](const Comment& one) {
    const auto about = on.civic.find_case(one.in_case);
    return !about || !may_handle(on, call.principal, *about);
  });
  JsonWriter out;
  out.object();
  serve::write_page(out, "items", *found, wish->page, [&](const Comment& one) { write_comment(out, on, one); });
  out.field("total", found->size()).end();
  reply(private_json(out.take()));
}

// All that is said about a proposal, also what others do not read.
void show_thread(const Forum& on, const serve::Call& call, Reply reply) {
  const auto one = proposal_to_handle(on, call);
  if (!one) return reply(net::problem(one.error()));
  const auto comments = on.discussion.of(on.view.tree_of(*one));
  if (!comments) return reply(net::problem(comments.error()));
  JsonWriter out;
  out.object().key("comments").array();
  for (const Comment& comment : *comments) write_comment(out, on, comment);
  out.end().field("total", comments->size()).end();
  reply(private_json(out.take()));
}

Result<Comment> citizens_comment(const Forum& on, const serve::Call& call) {
  auto found = TRY(on.discussion.comment(serve::path_part(call, "id")));
  if (!found || !found->staff.empty() || found->state == Comment::State::erased)
    return fail(Errc::not_found, "there is no such comment of a citizen");
  TRY(case_to_handle(on, call.principal, found->in_case));
  return std::move(*found);
}

Result<Comment> read_ruling(const Forum& on, const serve::Call& call) {
  Comment out = TRY(citizens_comment(on, call));
  const JsonValue body = TRY(JsonValue::parse(call.request.body));
  const JsonValue* shown = body.find("shown");
  if (!shown || !shown->boolean()) return fail(Errc::invalid, "'shown' must be true or false");
  out.state = *shown->boolean() ? Comment::State::shown : Comment::State::hidden;
  out.public_text = TRY(sense::checked_text("text", body.text_or("text", ""), {kTextMax, false}));
  out.reason = TRY(sense::checked_text("reason", body.text_or("reason", ""), {kReasonMax, false}));
  if (out.state == Comment::State::hidden && out.reason.empty())
    return fail(Errc::invalid, "'reason' says why it is hidden; its writer reads it too");
  out.decided_by = call.principal.id;
  out.decided_at = on.now();
  return out;
}

void reply_with(const Forum& on, const Comment& one, Reply reply) {
  (void)on.refresh(EntityId(one.in_case));
  JsonWriter out;
  write_comment(out, on, one);
  reply(private_json(out.take()));
}

void decide(const Forum& on, const serve::Call& call, Reply reply) {
  auto ruling = read_ruling(on, call);
  if (!ruling) return reply(net::problem(ruling.error()));
  if (const Status noted = note_ruling(on, *ruling); !noted) return reply(net::problem(noted.error()));
  if (const Status kept = on.discussion.decide(*ruling); !kept) return reply(net::problem(kept.error()));
  ruling->flags = 0;
  reply_with(on, *ruling, std::move(reply));
}

void take_back(const Forum& on, const serve::Call& call, Reply reply) {
  auto known = citizens_comment(on, call);
  if (!known) return reply(net::problem(known.error()));
  if (known->decided_at == kNever) return reply(net::problem(409, "conflict", "nobody has decided about this comment"));
  known->state = Comment::State::waiting;
  known->public_text.clear();
  known->decided_by = call.principal.id;
  known->decided_at = on.now();
  if (const Status noted = note_ruling(on, *known); !noted) return reply(net::problem(noted.error()));
  if (const Status done = on.discussion.take_back(known->id); !done) return reply(net::problem(done.error()));
  const auto after = on.discussion.comment(known->id);
  if (!after) return reply(net::problem(after.error()));
  reply_with(on, after->value_or(*known), std::move(reply));
}

// proposals

constexpr std::array kDeciding{"publish", "reword", "refuse"};

const flow::CaseStep* decision_about(const flow::Case& one) {
  const auto decides = [](const flow::CaseStep& step) {
    return std::ranges::find(kDeciding, step.verb) != kDeciding.end();
  };
  const auto last = std::ranges::find_if(one.timeline.rbegin(), one.timeline.rend(), decides);
  return last == one.timeline.rend() ? nullptr : &*last;
}

bool waits(const flow::Case& one) {
  return one.is_open() && ProposalView::status_of(one) == ProposalStatus::received;
}

// Oldest first those that wait; then the others, what was decided last first.
std::vector<flow::Case> proposals_in(const Forum& on, const trust::Principal& who, const QueueWish& wish) {
  std::vector<flow::Case> waiting, decided;
  for (const ProposalPtr& each : on.board.all()) {
    auto one = on.civic.find_case(each->id.text());
    if (!one || !may_handle(on, who, *one)) continue;
    if (waits(*one)) waiting.push_back(std::move(*one));
    else if (wish.decided && decision_about(*one)) decided.push_back(std::move(*one));
  }
  std::ranges::stable_sort(waiting, {}, &flow::Case::opened_at);
  if (!wish.waiting) waiting.clear();
  std::ranges::stable_sort(decided, std::greater{}, [](const flow::Case& one) { return decision_about(one)->at; });
  std::ranges::move(decided, std::back_inserter(waiting));
  return waiting;
}

void write_proposal(JsonWriter& out, const Forum& on, const flow::Case& one) {
  const auto shown = on.view.make(one);
  const flow::CaseStep* decision = decision_about(one);
  const std::string& title = one.title.zh;
  out.object().field("case", one.id.text()).field("code", civic::code_of(one));
  out.field("state", waits(one) ? "waiting" : shown && shown->shown ? "shown" : "hidden");
  serve::write_time(out, "at", one.opened_at);
  out.field("title", title).field("text", one.description);
  out.field("maskedTitle", civic::mask_personal(title)).field("masked", civic::mask_personal(one.description));
  civic::write_found(out, fmt::format("{}\n{}", title, one.description));
  out.key("media").array();
  for (const std::string& id : one.media) out.text(id);
  out.end().field("photosShown", shown && !shown->photos.empty());
  write_text(out, "publicTitle", shown && shown->shown ? shown->title : "");
  write_text(out, "publicText", shown && shown->shown ? shown->text : "");
  write_text(out, "by", decision ? decision->by : "");
  serve::write_time(out, "decidedAt", decision ? decision->at : kNever);
  write_text(out, "reason", decision ? decision->note : "");
  out.end();
}

void list_proposals(const Forum& on, const serve::Call& call, Reply reply) {
  const auto wish = QueueWish::of(call.request);
  if (!wish) return reply(net::problem(wish.error()));
  const auto found = proposals_in(on, call.principal, *wish);
  JsonWriter out;
  out.object();
  serve::write_page(out, "items", found, wish->page, [&](const flow::Case& one) { write_proposal(out, on, one); });
  out.field("total", found.size()).end();
  reply(private_json(out.take()));
}

}  // namespace

Result<flow::Case> proposal_to_handle(const Forum& on, const serve::Call& call) {
  const std::string_view id = serve::path_part(call, "id");
  const ProposalPtr by_code = on.board.find(id);
  return case_to_handle(on, call.principal, by_code ? by_code->id.text() : id);
}

Status note_ruling(const Forum& on, const Comment& one) {
  flow::NounWriter out(EntityId(fmt::format("urn:cityloop:CommentRuling:{}", one.id)), flow::kCommentRulingType.text(),
                       flow::WriteMode::replace);
  out.link("about", EntityId(one.in_case)).flag("shown", one.state == Comment::State::shown);
  out.flag("takenBack", one.state == Comment::State::waiting);
  out.flag("reworded", !one.public_text.empty()).text("by", one.decided_by).time("at", one.decided_at);
  twin::Commit commit;
  commit.origin = flow::Name(one.decided_by);
  commit.writes.push_back(out.take());
  const twin::CommitResult done = on.civic.twin.commit(std::move(commit));
  TRY(done.status);
  return done.writes.front();
}

void ModerationRoutes::add_to(net::Router& router) const {
  using net::Method;
  const auto add = [&](Method method, std::string_view path,
                       void (*function)(const Forum&, const serve::Call&, Reply)) {
    router.add(method, std::string(path), on.civic.guard.require(Permission::handle_case, call_by_clerk(on, function)));
  };
  add(Method::get, "/api/v1/participation/proposals", list_proposals);
  add(Method::get, "/api/v1/participation/proposals/{id}/comments", show_thread);
  add(Method::get, "/api/v1/participation/comments", list_comments);
  add(Method::put, "/api/v1/participation/comments/{id}", decide);
  add(Method::del, "/api/v1/participation/comments/{id}/ruling", take_back);
}

}  // namespace cityloop::participation
