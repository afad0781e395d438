#include "civic/follow.h"

#include <algorithm>
#include <array>

#include "casework/offer.h"
#include "serve/case_view.h"
#include "serve/views.h"

namespace cityloop::civic {
namespace {

using base::Errc;
using base::fail;
using base::JsonWriter;
using base::Result;
using base::Status;

std::unexpected<base::Error> unknown_link() {
  return fail(Errc::not_found, "there is no report behind this link");
}

casework::CaseActor reporter_of(const flow::Case& one) {
  return {one.opened_by, {}, {}};
}

std::vector<std::string> verbs_of(const Office& on, const flow::Case& one) {
  const auto ruled = serve::RuledCase::make(one, on.shelf, on.twin.clock().now());
  std::vector<std::string> out;
  if (!ruled) return out;
  for (const auto& action : casework::available_actions(ruled->view(), reporter_of(one))) out.push_back(action.verb);
  return out;
}

std::string choose_verb(const std::vector<std::string>& verbs, ReporterWish wish) {
  const auto first_of = [&](std::initializer_list<std::string_view> wanted) {
    for (const std::string_view verb : wanted) {
      if (std::find(verbs.begin(), verbs.end(), verb) != verbs.end()) return std::string(verb);
    }
    return std::string();
  };
  switch (wish) {
    case ReporterWish::rate: return first_of({"rate"});
    case ReporterWish::contest: return first_of({"reopen", "rework"});
    case ReporterWish::note: return first_of({"answer", "note"});
  }
  return {};
}

void write_mine(JsonWriter& out, const flow::Case& opened) {
  out.key("mine").object().field("text", opened.description).field("address", opened.address).key("media").array();
  for (const std::string& id : opened.media) out.text(id);
  out.end();
  write_place(out, "place", place_of(opened));
  out.end();
}

void write_may(JsonWriter& out, const std::vector<std::string>& verbs) {
  constexpr std::array<std::pair<ReporterWish, const char*>, 3> kAll{
      {{ReporterWish::rate, "rate"}, {ReporterWish::contest, "contest"}, {ReporterWish::note, "note"}}};
  out.key("may").array();
  for (const auto& [wish, name] : kAll) {
    if (!choose_verb(verbs, wish).empty()) out.text(name);
  }
  out.end();
}

void write_contact(JsonWriter& out, const std::optional<Contact>& contact) {
  out.key("contact");
  if (!contact) return void(out.null());
  out.object().field("name", contact->name).field("email", contact->email).field("phone", contact->phone);
  if (!contact->language.empty()) out.field("language", contact->language);
  out.end();
}

}  // namespace

Result<FollowedReport> find_report(const Office& on, std::string_view number) {
  auto report = TRY(on.book.report(number));
  if (!report || report->opened.empty()) return unknown_link();
  auto opened = on.find_case(report->opened);
  if (!opened) return unknown_link();
  auto follows = report->follows == report->opened ? opened : on.find_case(report->follows);
  if (!follows) follows = opened;
  return FollowedReport{std::move(*report), std::move(*opened), std::move(*follows)};
}

Result<FollowedReport> find_followed(const Office& on, std::string_view token) {
  const auto number = on.links.report_of(token);
  if (number) {
    if (auto found = find_report(on, *number)) return found;
  }
  ++on.refusals.links;
  return unknown_link();
}

Result<std::string> followed_json(const Office& on, const FollowedReport& followed) {
  const flow::Case& opened = followed.opened;
  const Service* service = on.view.service_of(opened, followed.report.service);
  const auto said = on.view.publication(opened.id);
  PublicCase shown = on.view.make(opened, service, said);
  std::vector<PublicStep> steps = on.view.steps(opened, true);
  if (followed.follows.id != opened.id) {
    // Where it went on: the steps since it was merged.
    const Instant merged_at = steps.back().at;
    for (PublicStep& step : on.view.steps(followed.follows, false)) {
      if (step.at > merged_at) steps.push_back(std::move(step));
    }
    const PublicStep& last = steps.back();
    shown.status = last.status;
    shown.with = last.with;
    shown.reason = last.reason;
    shown.open = followed.follows.is_open();
  }
  JsonWriter out;
  out.object();
  write_fields(out, shown);
  write_steps(out, steps);
  write_mine(out, opened);
  write_may(out, verbs_of(on, opened));
  out.key("question");
  if (steps.back().status == PublicStatus::asked) out.text(steps.back().reason);
  else out.null();
  out.key("rating");
  if (opened.rating > 0) out.integer(opened.rating);
  else out.null();
  out.field("public", on.view.is_public(opened, service, said));
  write_contact(out, TRY(on.book.contact(followed.report.number)));
  out.field("push", TRY(on.book.browsers(followed.report.number)));
  out.key("contactSeen").array();
  for (const SeenContact& seen : TRY(on.book.seen(followed.report.number))) {
    out.object();
    serve::write_time(out, "at", seen.at);
    out.key("department");
    const Bilingual name = on.view.department_name(seen.department);
    if (seen.department.empty()) out.null();
    else serve::write(out, name);
    out.end();
  }
  out.end().end();
  return out.take();
}

std::string verb_for(const Office& on, const flow::Case& one, ReporterWish wish) {
  return choose_verb(verbs_of(on, one), wish);
}

void take_step(const Office& on, const FollowedReport& followed, ReporterWish wish, flow::Action what,
               const serve::OnceKey& once, std::function<void(Status)> done) {
  what.by = followed.opened.opened_by;
  what.target = followed.opened.id;
  // What was sent before, and done, may no longer be possible; but it is what the phone asks about again.
  const auto before = on.desk.asked_before(what.by, once);
  what.verb = before ? before->verb : verb_for(on, followed.opened, wish);
  if (what.verb.empty()) return done(fail(Errc::conflict, "this is not possible as the report stands now"));
  on.desk.submit(std::move(what), once, [&on, done = std::move(done)](Result<flow::Action> acted) {
    (void)on.clerk.post([acted = std::move(acted), done] {
      if (!acted) return done(std::unexpected(acted.error()));
      if (acted->status == flow::ActionStatus::refused) return done(fail(Errc::conflict, "{}", acted->reason));
      done({});
    });
  });
}

}  // namespace cityloop::civic
