#include "participation/proposal_routes.h"

#include <algorithm>
#include <cmath>

#include "base/json_value.h"
#include "casework/case_archive.h"
#include "sense/clean_text.h"
#include "serve/case_intake.h"
#include "serve/respond.h"
#include "serve/views.h"
#include "text/normal.h"
#include "trust/secret.h"

namespace cityloop::participation {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using base::Result;
using net::Reply;
using net::Request;

constexpr std::size_t kTitleMax = 120, kTextMax = 4000, kNoteMax = 2000, kWordsMax = 8;

std::vector<std::string_view> parts_of(std::string_view text, char by) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(by), text.size());
    if (end > 0) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

Result<ProposalQuestion> question_of(const Request& request) {
  using State = ProposalQuestion::State;
  using Order = ProposalQuestion::Order;
  ProposalQuestion out;
  const auto one_of = [&]<class Enum>(std::string_view name, Enum& to,
                                      std::initializer_list<std::pair<std::string_view, Enum>> all) -> base::Status {
    const auto said = request.argument(name);
    if (!said || said->empty()) return {};
    for (const auto& [word, value] : all) {
      if (word == *said) return to = value, base::Status{};
    }
    return fail(Errc::invalid, "'{}' cannot be '{}'", name, *said);
  };
  TRY(one_of("state", out.state,
             {{"open", State::open}, {"ended", State::ended}, {"done", State::done}, {"all", State::all}}));
  TRY(one_of("order", out.order, {{"support", Order::support}, {"newest", Order::newest}, {"ending", Order::ending}}));
  for (const std::string_view word : parts_of(request.argument("status").value_or(""), ',')) {
    const auto status = proposal_status_from(word);
    if (!status) return fail(Errc::invalid, "there is no status '{}'", word);
    out.status.push_back(*status);
  }
  if (!out.status.empty() && !request.argument("state")) out.state = State::all;
  out.category = request.argument("category").value_or("");
  out.round = request.argument("round").value_or("");
  if (const auto box = request.argument("bbox"); box && !box->empty()) out.box = TRY(civic::Box::parse(*box));
  const std::string words = text::normal_form(request.argument("q").value_or(""));
  for (const std::string_view word : parts_of(words, ' ')) {
    if (out.words.size() < kWordsMax) out.words.emplace_back(word);
  }
  return out;
}

void list(const Forum& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.civic.limits.reads, on.civic.asker(request))) return reply(std::move(*wait));
  const auto asked = question_of(request);
  if (!asked) return reply(net::problem(asked.error()));
  const auto wish = serve::PageWish::of(request);
  if (!wish) return reply(net::problem(wish.error()));
  const auto rows = on.board.list(*asked);
  JsonWriter out;
  out.object();
  serve::write_page(out, "proposals", rows, *wish, [&](const ProposalPtr& one) {
    write_summary_of(out.object(), *one, on.settings);
    out.end();
  });
  out.field("total", rows.size()).key("counts").object();
  const auto counts = on.board.counts();
  for (std::size_t i = 0; i < counts.size(); ++i) out.field(to_string(ProposalStatus(i)), counts[i]);
  out.end().end();
  reply(civic::public_json(out.take(), 5));
}

void map(const Forum& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.civic.limits.reads, on.civic.asker(request))) return reply(std::move(*wait));
  const auto asked = question_of(request);
  if (!asked) return reply(net::problem(asked.error()));
  JsonWriter out;
  out.object().field("type", "FeatureCollection").key("features").array();
  for (const ProposalPtr& one : on.board.list(*asked)) {
    if (!one->place) continue;
    out.object().field("type", "Feature").key("geometry").object().field("type", "Point").key("coordinates").array();
    out.number(one->place->lon_deg).number(one->place->lat_deg).end().end();
    out.key("properties").object().field("code", one->code).field("title", one->title);
    out.field("category", one->category).field("status", to_string(one->status));
    out.field("supporters", one->supporters).end().end();
  }
  net::Response response = civic::public_json(out.end().end().take(), 5);
  response.content_type = "application/geo+json";
  reply(std::move(response));
}

bool can_support(const PublicProposal& one) {
  return one.shown && one.status == ProposalStatus::gathering;
}

bool can_withdraw(const PublicProposal& one) {
  return one.status == ProposalStatus::received || one.status == ProposalStatus::gathering;
}

net::Response shown_to(const Forum& on, EntityId id, const std::optional<Person>& person, int status = 200) {
  const ProposalPtr one = on.board.find(id);
  if (!one) return net::problem(404, "not found", "there is no such proposal");
  auto body = proposal_json(on, *one, person);
  return body ? private_json(std::move(*body), status) : net::problem(body.error());
}

void show(const Forum& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.civic.limits.reads, on.civic.asker(request))) return reply(std::move(*wait));
  const auto person = on.person_if(request);
  const auto one = visible_proposal(on, request, person);
  reply(one ? shown_to(on, (*one)->id, person) : net::problem(one.error()));
}

void show_photo(const Forum& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.civic.limits.reads, on.civic.asker(request))) return reply(std::move(*wait));
  const auto size = civic::wished_size(request);
  if (!size) return reply(net::problem(size.error()));
  const auto one = visible_proposal(on, request, on.person_if(request));
  if (!one) return reply(net::problem(one.error()));
  const std::string& id = request.params.at("id");
  const auto named = [&](const std::vector<std::string>& photos) {
    return std::ranges::find(photos, id) != photos.end();
  };
  const bool shown = named((*one)->photos) || std::ranges::any_of((*one)->milestones, [&](const Milestone& reached) {
                       return named(reached.photos);
                     });
  if (!shown) return reply(net::problem(404, "not found", "there is no such photo"));
  reply(civic::photo_response(on.civic.photos.get(id, *size), "public, max-age=3600"));
}

// A body as serve's reader of new cases has it, so that every channel is checked alike.
Result<serve::NewCase> new_case(const Forum& on, const JsonValue& body) {
  const std::string title = TRY(sense::checked_text("title", body.text_or("title", ""), {kTitleMax, true}));
  const std::string text = TRY(sense::checked_text("text", body.text_or("text", ""), {kTextMax, false}));
  if (title.empty() || text.empty()) return fail(Errc::invalid, "a proposal has a title and a text");
  const std::string category = body.text_or("category", "");
  const auto known = on.view.categories();
  if (std::ranges::none_of(known, [&](const auto& one) { return one.first == category; }))
    return fail(Errc::invalid, "'category' must be one of /public/v1/participation");
  JsonWriter out;
  out.object().field("kind", on.settings.kind).field("category", category).field("title", title);
  out.field("description", text).field("address", body.text_or("address", ""));
  const JsonValue* place = body.find("location");
  const JsonValue* lon = place ? place->find("lon") : nullptr;
  const JsonValue* lat = place ? place->find("lat") : nullptr;
  if (lon && lon->number() && lat && lat->number()) {
    out.key("location").object().field("type", "Point").key("coordinates").array();
    out.number(*lon->number()).number(*lat->number()).end().end();
  }
  if (const JsonValue* media = body.find("media")) media->write(out.key("media"));
  serve::NewCase one = TRY(serve::NewCase::read(TRY(JsonValue::parse(out.end().take())), on.civic.city));
  one.channel = "citizen";
  one.report = true;
  if (const JsonValue* estimate = body.find("estimate"); estimate && estimate->number()) {
    const double units = *estimate->number();
    if (!(units >= 0 && units <= kMoneyMax)) return fail(Errc::invalid, "'estimate' is no amount of money");
    if (units > 0) one.note = estimate_note(units, on.settings.currency);
  }
  return one;
}

base::Status check_photos(const Forum& on, const std::vector<std::string>& media) {
  if (media.size() > on.settings.photos_max) return fail(Errc::invalid, "at most {} photos", on.settings.photos_max);
  for (const std::string& id : media) {
    auto photo = TRY(on.civic.book.photo(id));
    if (!photo || photo->by != "citizen")
      return fail(Errc::invalid, "there is no photo '{}'; one that nothing names is deleted after a day", id);
    photo->at = on.civic.wall.now();
    TRY(on.civic.book.put_photo(*photo));
  }
  return {};
}

struct Filing {
  flow::Action action;
  serve::OnceKey once;
  std::string author;
};

Result<Filing> read_filing(const Forum& on, const Request& request, const Person& person) {
  const JsonValue body = TRY(JsonValue::parse(request.body));
  Filing out;
  out.once = TRY(serve::once_key_of(request));
  if (out.once.none()) out.once.text = trust::make_secret();
  const serve::NewCase one = TRY(new_case(on, body));
  TRY(check_photos(on, one.media));
  out.author = on.keys.number_from(fmt::format("proposal\n{}\n{}", person.number, out.once.text));
  out.action = one.action();
  out.action.by = fmt::format("{}{}", kProposer, out.author);
  return out;
}

void filed(const Forum& on, const Person& person, const std::string& author, const Result<flow::Action>& acted,
           Reply& reply) {
  const bool may_be_done = !acted && (acted.error().code == Errc::timeout || acted.error().code == Errc::exists);
  const bool done = acted && acted->status == flow::ActionStatus::done;
  if (!done && !may_be_done) (void)on.people.drop_author(author);
  if (!acted) return reply(serve::desk_problem(acted.error()));
  if (!done) {
    ++on.refusals.proposals;
    return reply(net::problem(409, "refused", acted->reason));
  }
  if (const auto seen = on.refresh(acted->target); !seen) return reply(net::problem(seen.error()));
  reply(shown_to(on, acted->target, person, 201));
}

void propose(const Forum& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.civic.limits.posts, on.civic.asker(request))) return reply(std::move(*wait));
  if (!on.settings.open) return reply(net::problem(404, "not found", "nothing can be proposed here"));
  const auto person = on.person(request);
  if (!person) return reply(net::problem(person.error()));
  auto filing = read_filing(on, request, *person);
  if (!filing) {
    ++on.refusals.proposals;
    return reply(net::problem(filing.error()));
  }
  const bool again = on.civic.desk.asked_before(filing->action.by, filing->once).has_value();
  if (!again) {
    if (auto wait = on.too_often(on.limits.proposals, person->number)) return reply(std::move(*wait));
  }
  if (const auto put = on.people.put_author(filing->author, person->number); !put)
    return reply(net::problem(put.error()));
  auto waits = std::make_shared<Reply>(std::move(reply));
  on.civic.desk.submit(
      std::move(filing->action), filing->once,
      [&on, waits, person = *person, author = filing->author](const Result<flow::Action>& acted) {
        (void)on.civic.clerk.post([&on, waits, person, author, acted] { filed(on, person, author, acted, *waits); });
      });
}

void support(const Forum& on, const Request& request, Reply reply) {
  const auto person = on.person(request);
  if (!person) return reply(net::problem(person.error()));
  if (auto wait = on.too_often(on.limits.supports, person->number)) return reply(std::move(*wait));
  const auto one = visible_proposal(on, request, *person);
  if (!one) return reply(net::problem(one.error()));
  const auto root = on.civic.find_case((*one)->id.text());
  if (!root) return reply(net::problem(root.error()));
  const std::vector<std::string> tree = on.view.tree_of(*root);
  const bool wanted = request.method == net::Method::put;
  const auto supports = on.people.supports(person->number, tree);
  if (!supports) return reply(net::problem(supports.error()));
  // What is so already is no conflict, also when it can no longer be changed.
  if (*supports == wanted) return reply(shown_to(on, (*one)->id, *person));
  if (!can_support(**one))
    return reply(net::problem(409, "conflict", "support is given and taken back only while it is gathered"));
  const auto changed =
      wanted ? on.people.support(person->number, tree.front()) : on.people.withdraw(person->number, tree);
  if (!changed) return reply(net::problem(changed.error()));
  const auto seen = on.refresh((*one)->id);
  reply(seen ? shown_to(on, (*one)->id, *person) : net::problem(seen.error()));
}

void take_back(const Forum& on, const Request& request, Reply reply) {
  const auto person = on.person(request);
  if (!person) return reply(net::problem(person.error()));
  const auto one = visible_proposal(on, request, *person);
  if (!one) return reply(net::problem(one.error()));
  if (!is_author(on, **one, *person))
    return reply(net::problem(403, "refused", "only who proposed it may take it back"));
  const auto body = JsonValue::parse(request.body);
  if (!body) return reply(net::problem(body.error()));
  const auto note = sense::checked_text("note", body->text_or("note", ""), {kNoteMax, false});
  if (!note) return reply(net::problem(note.error()));
  flow::Action action;
  action.target = (*one)->id;
  action.verb = "withdraw_proposal";
  action.by = fmt::format("{}{}", kProposer, (*one)->author);
  action.note = *note;
  auto waits = std::make_shared<Reply>(std::move(reply));
  on.civic.desk.submit(std::move(action),
                       [&on, waits, person = *person, id = (*one)->id](const Result<flow::Action>& acted) {
                         (void)on.civic.clerk.post([&on, waits, person, id, acted] {
                           if (!acted) return (*waits)(serve::desk_problem(acted.error()));
                           if (acted->status == flow::ActionStatus::refused)
                             return (*waits)(net::problem(409, "refused", acted->reason));
                           const auto seen = on.refresh(id);
                           (*waits)(seen ? shown_to(on, id, person) : net::problem(seen.error()));
                         });
                       });
}

}  // namespace

bool is_author(const Forum& on, const PublicProposal& one, const std::optional<Person>& person) {
  if (!person || one.author.empty()) return false;
  const auto who = on.people.person_of(one.author);
  return who && *who == person->number;
}

Result<ProposalPtr> visible_proposal(const Forum& on, const Request& request, const std::optional<Person>& person) {
  ProposalPtr one = on.board.find(request.params.at("code"));
  if (!one || (!one->shown && !is_author(on, *one, person)))
    return fail(Errc::not_found, "there is no public proposal of this number");
  return one;
}

Result<std::string> proposal_json(const Forum& on, const PublicProposal& one, const std::optional<Person>& person) {
  const bool author = is_author(on, one, person);
  bool supported = false;
  if (person) {
    const flow::Case root = TRY(on.civic.find_case(one.id.text()));
    supported = TRY(on.people.supports(person->number, on.view.tree_of(root)));
  }
  JsonWriter out;
  write_detail_of(out.object(), one, on.settings);
  out.key("mine").object().field("author", author).field("supported", supported).end();
  out.field("canSupport", can_support(one));
  out.field("canComment", one.shown && one.open && on.settings.comments != CommentRule::none);
  out.field("canWithdraw", author && can_withdraw(one)).end();
  return out.take();
}

void ProposalRoutes::add_to(net::Router& router) const {
  using net::Method;
  const Forum& forum = on;
  const auto at_once = [&forum](void (*function)(const Forum&, const Request&, Reply)) {
    return [&forum, function](const Request& request, Reply reply) { function(forum, request, std::move(reply)); };
  };
  router.add(Method::get, "/public/v1/proposals", at_once(list));
  router.add(Method::get, "/public/v1/proposal-map", at_once(map));
  router.add(Method::post, "/public/v1/proposals", by_clerk(on, propose));
  router.add(Method::get, "/public/v1/proposals/{code}", by_clerk(on, show));
  router.add(Method::get, "/public/v1/proposals/{code}/photos/{id}", by_clerk(on, show_photo));
  router.add(Method::put, "/public/v1/proposals/{code}/support", by_clerk(on, support));
  router.add(Method::del, "/public/v1/proposals/{code}/support", by_clerk(on, support));
  router.add(Method::post, "/public/v1/proposals/{code}/withdrawal", by_clerk(on, take_back));
}

}  // namespace cityloop::participation
