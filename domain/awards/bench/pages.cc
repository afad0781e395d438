// How long every list and page takes in a cycle of 5,000 proposals with 50,000 sheets, asked as its seat asks it.
//
//   awards_bench_pages [REQUESTS]        of each route; 1,000
//
// The package as the server has it (package.cc), its routes behind the guard; what is left out is the network. The
// first answer of a route that works out a whole cycle is told apart: it stands until what it came from changes.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "base/file.h"
#include "base/json_writer.h"
#include "base/rng.h"
#include "domain/awards/cycle/cycle.h"
#include "domain/awards/desk/jury_book.h"
#include "net/url.h"
#include "serve/package.h"
#include "trust/accounts.h"

namespace cityloop::serve {
void register_awards(PackageLoader&);
}

namespace {

using namespace cityloop;
using namespace cityloop::awards;

constexpr std::size_t kProposals = 5'000, kJurors = 300, kReviews = 10, kShortlisted = 400;

template <class T>
T must(base::Result<T> result) {
  if (result) return *std::move(result);
  fmt::print(stderr, "{}\n", result.error().message);
  std::exit(1);
}
void must(const base::Status& done) {
  if (done) return;
  fmt::print(stderr, "{}\n", done.error().message);
  std::exit(1);
}

// A clock after the review has closed and the results are told.
const base::ManualClock kClock(base::parse_time("2026-11-04T00:00:00Z").value());

std::string words(base::Rng& rng, std::size_t count) {
  constexpr std::string_view kWords[] = {"城市",      "治理",    "平台", "数据",    "路口",     "泵站",
                                         "居民",      "能源",    "预警", "服务",    "traffic ", "water ",
                                         "junction ", "sensor ", "bus ", "street ", "plan "};
  std::string out;
  for (std::size_t i = 0; i < count; ++i)
    out += fmt::format("{}{}", kWords[rng.below(std::size(kWords))], rng.below(60));
  return out;
}

class Filled {
 public:
  Filled() : rng_(7), cycle_(must(load_cycle("domain/awards/cycles/city_award.toml"))) {
    folder_ = std::filesystem::temp_directory_path() / fmt::format("cityloop-pages-{}", ::getpid());
    std::filesystem::create_directories(folder_ / "city");
    std::filesystem::create_directories(folder_ / "data");
    std::filesystem::copy("domain/awards/cycles/city_award.toml", folder_ / "city");
    book_ = must(Book::open((folder_ / "data/awards.db").string()));
    jury_ = must(JuryBook::open(*book_));
    must(book_->tables()->db.exec("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY"));
    for (std::size_t j = 0; j < kJurors; ++j)
      must(jury_->put_juror({account(j), cycle_.id, fmt::format("Juror {}", j), {"traffic"}, {}, {}, {}, {}, "", 400}));
    for (std::size_t p = 0; p < kProposals; ++p) add_proposal(p);
    add_nominations();
    jury_.reset();
    book_.reset();
  }
  ~Filled() { std::filesystem::remove_all(folder_); }
  static std::string account(std::size_t juror) {
    return juror == 0 ? "program:juror" : fmt::format("user:j{}", juror);
  }
  std::string at(const char* name) const { return (folder_ / name).string(); }
  const std::string& proposal() const { return some_; }
  const std::string& sheet() const { return sheet_; }

 private:
  void add_proposal(std::size_t p) {
    Applicant who{fmt::format("applicant:{:016x}", p),
                  p == 0 ? "program:applicant" : fmt::format("user:a{}", p),
                  {"", fmt::format("Unit {}", p)},
                  fmt::format("unit {}", p)};
    who.person = "Li Wei", who.email = "li@example.org";
    must(book_->put_applicant(who));
    Proposal one;
    one.id = fmt::format("{:024x}", p * 7919 + 1);
    one.cycle = cycle_.id, one.applicant = who.id;
    one.category = cycle_.categories[p % cycle_.categories.size()].id;
    one.case_id = fmt::format("urn:case:{}", p);
    one.stage = p < kShortlisted / 2 ? "awarded" : p < kShortlisted ? "honoured" : "not_shortlisted";
    one.answers = answers(p);
    one.title = fmt::format("案例 {}", p);
    one.consents = {"library"};
    one.created_at = one.changed_at = base::parse_time("2026-04-01T00:00:00Z").value() + std::chrono::minutes(p);
    Submission version;
    version.at = one.changed_at;
    must(book_->receive(one, cycle_.prefix, version,
                        [](const Proposal& next) { return fmt::format(R"({{"answers":{}}})", next.answers); }));
    must(book_->set_receipt(one.id, 1, R"({"entry":{}})"));
    for (const char* what : {"submitted", "accept_entry", "begin_review", "end_review", "shortlist"})
      must(book_->note({one.id, version.at, "user:secretary", what, "because"}));
    for (const char* what : {"end_review", p < kShortlisted ? "shortlist" : "not_shortlist"})
      must(jury_->decide({one.id, what, "user:chair", "the panel has met", {}, 0, version.at}));
    const std::size_t from = rng_.below(kJurors), step = 1 + rng_.below(kJurors / kReviews - 1);
    const double merit = 6 + rng_.normal();
    for (std::size_t k = 0; k < kReviews; ++k) add_sheet(one, (from + k * step) % kJurors, merit);
    some_ = one.id;
  }
  void add_sheet(const Proposal& one, std::size_t juror, double merit) {
    base::JsonWriter scores;
    scores.object();
    for (const Dimension& each : cycle_.dimensions)
      scores.field(each.id, std::clamp(std::round(merit - double(juror % 5) / 3 + rng_.normal()), 0.0, 10.0));
    ScoreSheet sheet{make_id(),       one.id, account(juror), cycle_.id, SheetState::submitted, scores.end().take(),
                     words(rng_, 20), 1};
    sheet.at = base::parse_time("2026-06-25T00:00:00Z").value();
    must(jury_->hand_in(sheet, {1, sheet.at, sheet.scores, sheet.comment, ""}));
    if (juror == 0) sheet_ = sheet.id;
  }
  void add_nominations() {
    for (std::size_t n = 0; n < 50; ++n) {
      const Nomination whom{make_id(),       cycle_.id, "leader", "", fmt::format("Person {}", n),
                            words(rng_, 60), "user:s",  {}};
      must(jury_->nominate(whom));
      for (std::size_t j = n; j < kJurors; j += 50) must(jury_->vote(account(j), whom));
    }
  }
  std::string answers(std::size_t p) {
    base::JsonWriter out;
    out.object()
        .key("title")
        .object()
        .field("zh", fmt::format("案例 {}", p))
        .field("en", fmt::format("Case {}", p))
        .end();
    for (const char* field : {"summary", "challenge", "approach", "effect", "partners"})
      out.key(field).object().field("zh", words(rng_, 60)).field("en", words(rng_, 60)).end();
    return out.end().take();
  }

  base::Rng rng_;
  const Cycle cycle_;
  std::filesystem::path folder_;
  std::unique_ptr<Book> book_;
  std::unique_ptr<JuryBook> jury_;
  std::string some_, sheet_;
};

// The package in a city without anything else in it.
class Served {
 public:
  explicit Served(const Filled& filled) {
    accounts_ = must(trust::Accounts::open(filled.at("accounts.json"), kClock));
    store_ = must(store::Store::open(filled.at("store")));
    twin_ = must(twin::Twin::open(*store_, kClock, {}));
    actions_ = std::make_unique<serve::ActionDesk>(*twin_);
    history_ = std::make_unique<twin::History>(*store_);
    serve::PackageLoader loader;
    serve::register_awards(loader);
    package_ = must(loader.packages()[0].second({city_, zone_, nullptr, filled.at("city"), filled.at("data")}));
    post_ = must(mail::Post::open(filled.at("mail.db"), [] { return mail::MailSettings{}; }, kClock));
    enrolment_ = std::make_unique<trust::Enrolment>(*accounts_);
    const auto address = [] { return std::string("https://city.example"); };
    const auto asker = [](const net::Request&) { return std::string(); };
    package_->add_routes(router_, {*twin_, *history_, kClock, kClock, city_, guard(), *actions_, room_, *post_, address,
                                   *enrolment_, asker});
    for (const char* role : {"applicant", "secretary", "juror", "chair", "auditor"}) {
      trust::Principal who;
      who.kind = trust::PrincipalKind::program;
      who.id = fmt::format("program:{}", role);
      who.roles = {role};
      tokens_[role] = must(accounts_->put_token(who));
    }
  }
  // Seconds, and how much was answered.
  std::pair<double, std::size_t> ask(const std::string& who, const std::string& path) {
    net::Request request;
    auto target = must(net::parse_target(path));
    request.path = target.path;
    request.query = std::move(target.query);
    if (!who.empty()) request.headers.emplace_back("authorization", "Bearer " + tokens_.at(who));
    std::mutex mutex;
    std::condition_variable answered;
    std::optional<net::Response> out;
    const auto begun = std::chrono::steady_clock::now();
    router_.dispatch(request, net::Reply([&](net::Response response) {
                       const std::lock_guard lock(mutex);
                       out = std::move(response);
                       answered.notify_one();
                     }));
    std::unique_lock lock(mutex);
    answered.wait(lock, [&] { return out.has_value(); });
    const double took_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    if (out->status != 200)
      fmt::print(stderr, "{}: {} {}\n", path, out->status, out->body.substr(0, 300)), std::exit(1);
    return {took_s, out->body.size()};
  }

 private:
  serve::Guard& guard() {
    if (!guard_) guard_ = std::make_unique<serve::Guard>(*accounts_, policy_);
    return *guard_;
  }
  serve::City city_;
  base::TimeZone zone_{base::TimeZone::utc()};
  trust::Policy policy_;
  std::unique_ptr<trust::Accounts> accounts_;
  std::unique_ptr<serve::Guard> guard_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<twin::Twin> twin_;
  std::unique_ptr<twin::History> history_;
  std::unique_ptr<serve::ActionDesk> actions_;
  serve::BackRoom room_;
  std::unique_ptr<mail::Post> post_;
  std::unique_ptr<trust::Enrolment> enrolment_;
  std::unique_ptr<serve::Package> package_;
  net::Router router_;
  std::map<std::string, std::string> tokens_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::size_t requests = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000;
  fmt::print(stderr, "filling\n");
  const Filled filled;
  Served city(filled);
  const std::string own = "/api/v1/awards", cycle = own + "/cycles/city-award-2026";
  const std::string mine = own + "/entries/" + fmt::format("{:024x}", 1);
  const std::vector<std::pair<std::string, std::string>> pages{
      {"applicant", own + "/cycles"},
      {"applicant", cycle},
      {"applicant", own + "/profile"},
      {"applicant", own + "/entries"},
      {"applicant", mine},
      {"secretary", cycle + "/desk"},
      {"secretary", cycle + "/proposals?limit=100"},
      {"secretary", cycle + "/proposals?limit=100&cursor=4900"},
      {"secretary", cycle + "/proposals?limit=100&stage=awarded&category=mobility"},
      {"secretary", cycle + "/proposals?limit=100&q=4999"},
      {"secretary", cycle + "/proposals?limit=1000"},
      {"secretary", own + "/proposals/" + filled.proposal()},
      {"secretary", cycle + "/jurors"},
      {"secretary", cycle + "/letters?limit=100"},
      {"secretary", cycle + "/near-duplicates"},
      {"juror", own + "/sheets"},
      {"juror", own + "/sheets/" + filled.sheet()},
      {"juror", cycle + "/prizes/leader"},
      {"chair", cycle + "/ranking"},
      {"chair", cycle + "/ranking?category=mobility"},
      {"chair", cycle + "/agreement"},
      {"chair", own + "/panel/" + filled.proposal()},
      {"chair", cycle + "/prizes/leader"},
      {"auditor", cycle + "/audit"},
      {"auditor", cycle + "/audit?cursor=4900"},
      {"", "/public/v1/awards/cycles"},
      {"", "/public/v1/awards/library"},
      {"", "/public/v1/awards/library?q=case+1&year=2026&cursor=100"},
      {"", "/public/v1/awards/library/CA26-0400"},
  };
  fmt::print("{} proposals, {} sheets, {} jurors; {} requests each.\n\n", kProposals, kProposals * kReviews, kJurors,
             requests);
  fmt::print("| seat | page | KB | first ms | p50 ms | p99 ms |\n| --- | --- | ---: | ---: | ---: | ---: |\n");
  for (const auto& [who, path] : pages) {
    std::vector<double> took_s;
    const auto [first_s, bytes] = city.ask(who, path);
    for (std::size_t i = 0; i < requests; ++i) took_s.push_back(city.ask(who, path).first);
    std::ranges::sort(took_s);
    const auto share = [&](double of) { return took_s[std::size_t(of * double(took_s.size() - 1))] * 1e3; };
    std::string shown = path;
    for (const std::string& id : {fmt::format("{:024x}", 1), filled.proposal(), filled.sheet()})
      if (const auto at = shown.find(id); at != shown.npos) shown.replace(at, id.size(), "…");
    fmt::print("| {} | `{}` | {:.0f} | {:.1f} | {:.1f} | {:.1f} |\n", who.empty() ? "anybody" : who, shown,
               double(bytes) / 1000, first_s * 1e3, share(0.5), share(0.99));
    std::fflush(stdout);
  }
}
