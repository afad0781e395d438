// A city in which people take part: the one of test/civic, with proposals, rounds and inspectors.
#pragma once

#include "participation/participation.h"
#include "test/civic/civic_city.h"
#include "voter.h"

namespace cityloop::participation {

using base::JsonValue;
using civic::Ask;
using net::Method;
using net::Response;

inline constexpr const char* kForumKinds = R"(
[[case]]
id = "lighting"
name = { zh = "路灯异常", en = "Street light" }
workflow = "city"
department = "lighting"
verify_hold = "0s"
[[case]]
id = "other"
name = { zh = "其他", en = "Other" }
workflow = "city"
verify_hold = "0s"
auto_dispatch = false
[intake]
kind = "other"
)";

inline constexpr const char* kForumCategories =
    "code,type,class_zh,class_en,name_zh,name_en,condition,department,kind,standard_zh,standard_en,limit,calendar\n"
    "9001,event,建议,Proposals,绿化,Green,,environment,proposal,,,45d,always\n"
    "9002,event,建议,Proposals,照明,Light,,lighting,proposal,,,45d,always\n";

inline constexpr const char* kForumToml = R"(
[participation]
threshold = 2
ballot_key_bits = 2048
[limits]
proposals = { per_minute = 600, burst = 100 }
comments = { per_minute = 600, burst = 100 }
supports = { per_minute = 600, burst = 100 }
letters = { per_minute = 600, burst = 100 }
ballots = { per_minute = 60000, burst = 10000 }
[[round]]
id = "spring"
name = { zh = "春季", en = "Spring" }
budget = 1000
opens = "2026-06-01T00:00:00Z"
closes = "2026-06-08T00:00:00Z"
choices = 2
[[patrol]]
id = "shore"
name = { zh = "岸边", en = "Shore" }
inspector = "user:ins"
from = "2026-05-01T00:00:00Z"
every = "7d"
within = "2d"
[[patrol.point]]
name = { zh = "码头", en = "Pier" }
at = [120.15, 30.25]
[[patrol.point]]
name = { zh = "北门", en = "North gate" }
at = [120.16, 30.26]
)";

class ForumCity : public civic::CivicCity {
 protected:
  ForumCity() {
    flow::RuleFiles files{
        {"cases.toml", kForumKinds},
        {"categories.csv", kForumCategories},
        {"workflow.toml", base::read_file("demo/district/casework/workflow.toml").value()},
        {"workflow_proposal.toml", base::read_file("demo/district/casework/workflow_proposal.toml").value()}};
    auto rules = casework::CaseRules::parse(std::move(files), {});
    if (!rules) throw std::runtime_error(rules.error().message);
    rules_ = *rules;
  }
  void SetUp() override {
    read_settings(toml());
    take_part(forum_toml());
    open_all();
  }
  void TearDown() override {
    close_all();
    std::filesystem::remove_all(folder_);
  }
  std::string toml() const override {
    return "[civic]\naddress = \"https://city.example\"\n[limits]\nposts = { per_minute = 60000, burst = 10000 }\n"
           "uploads = { per_minute = 6000, burst = 1000 }\nreads = { per_minute = 600000, burst = 100000 }\n";
  }
  virtual std::string forum_toml() const { return kForumToml; }
  void take_part(const std::string& text) {
    auto settings = ParticipationSettings::parse(text, "participation.toml", rules_.get(), &city_);
    ASSERT_TRUE(settings) << settings.error().message;
    participating_ = *settings;
  }

  void open_all() {
    CivicCity::open();
    participation_ = Participation::open({participating_, *civic_, folder_.string(),
                                          [](std::string_view) { return std::string("north"); }, links_at_hand_})
                         .value();
    participation_->add_to(*router_);
    ASSERT_TRUE(participation_->start());
  }
  void close_all() {
    if (!participation_) return;
    participation_->stop();
    CivicCity::close();
    participation_.reset();
  }
  // Until nothing follows from anything any more.
  void settle() const {
    for (flow::Seq head = 0; head != twin_->head();) {
      head = twin_->head();
      while (runner_->done() < head) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      civic_->settle();
      participation_->settle();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));  // what the clerk has been given by now
    }
  }

  // persons
  struct Somebody {
    std::string secret;
    Ask how(std::string key = "") const {
      Ask out;
      out.key = std::move(key);
      out.headers = {{"x-cityloop-person", secret}};
      return out;
    }
  };
  std::string link_for(const std::string& email, const std::string& name = "") {
    base::JsonWriter out;
    out.object().field("email", email).field("name", name).field("language", "en").end();
    const JsonValue answer = json(Method::post, "/public/v1/people", out.take(), {}, 202);
    const std::string link = answer.text_or("link", "");
    return link.substr(link.find('#') + 1);
  }
  Somebody somebody(const std::string& email, const std::string& name = "") {
    const JsonValue person =
        json(Method::post, "/public/v1/people/confirm", fmt::format(R"({{"link":"{}"}})", link_for(email, name)));
    return {person.text_or("secret", "")};
  }

  // proposals
  static std::string proposal_body(std::string_view title, std::string_view more = "") {
    return fmt::format(
        R"({{"title":"{}","text":"Because it is good","category":"event-9001","location":{{"lon":120.15,"lat":30.25}}{}}})",
        title, more);
  }
  std::string propose(const Somebody& who, std::string_view title, std::string_view more = "") {
    return json(Method::post, "/public/v1/proposals", proposal_body(title, more), who.how(), 201).text_or("code", "");
  }
  JsonValue seen(const std::string& code, const Somebody& who = {}) {
    return json(Method::get, "/public/v1/proposals/" + code, "", who.secret.empty() ? Ask{} : who.how());
  }
  std::string status(const std::string& code, const Somebody& who = {}) {
    return seen(code, who).text_or("status", "");
  }
  std::string case_of(const std::string& code) const {
    for (const flow::Case& one : cases()) {
      if (one.code == code) return std::string(one.id.text());
    }
    ADD_FAILURE() << "there is no case " << code;
    return "";
  }
  void staff(const std::string& code, std::string verb, std::string fields = "", std::string note = "",
             std::string role = "supervisor") {
    act(case_of(code), std::move(verb), {std::move(role)}, "", std::move(fields), std::move(note));
    settle();
  }
  // Until it is examined.
  std::string examined(std::string_view title) {
    const Somebody author = somebody(fmt::format("{}@example.com", people_++));
    const std::string code = propose(author, title);
    staff(code, "publish");
    for (unsigned i = 0; i < participating_.threshold; ++i) {
      const Somebody other = somebody(fmt::format("{}@example.com", people_++));
      json(Method::put, "/public/v1/proposals/" + code + "/support", "", other.how());
    }
    settle();
    EXPECT_EQ(status(code), "examining");
    return code;
  }
  std::string admitted(std::string_view title, double cost, std::string_view round = "spring") {
    const std::string code = examined(title);
    staff(code, "admit", fmt::format(R"({{"round":"{}","cost":{},"legal":"allowed"}})", round, cost));
    return code;
  }
  void time_is(const std::string& text) {
    clock_.advance_to(base::parse_time(text).value());
    settle();
  }
  // An account with a password; gives its session.
  std::string inspector(const std::string& id, std::vector<std::string> areas = {}) {
    trust::Principal principal;
    principal.kind = trust::PrincipalKind::user;
    principal.id = id;
    principal.name = {id, id};
    principal.roles = {"inspector"};
    principal.areas = std::move(areas);
    if (const auto put = accounts_->put_user(principal, "a long password"); !put) ADD_FAILURE() << put.error().message;
    return accounts_->sign_in(id, "a long password").value();
  }
  Ask as(const std::string& session, std::string key = "") const {
    Ask out;
    out.key = std::move(key);
    out.headers = {{"cookie", fmt::format("{}={}", serve::kSessionCookie, session)}, {"x-cityloop-client", "test"}};
    return out;
  }

  ParticipationSettings participating_;
  bool links_at_hand_{true};
  int people_{0};
  std::unique_ptr<Participation> participation_;
};

// The members of a list by one of their texts.
inline std::vector<std::string> texts_of(const JsonValue& from, std::string_view list, std::string_view member) {
  std::vector<std::string> out;
  const JsonValue* found = from.find(list);
  if (!found || !found->array()) return out;
  for (const JsonValue& one : *found->array())
    out.push_back(member.empty() ? one.text() ? *one.text() : "" : one.text_or(member, ""));
  return out;
}

}  // namespace cityloop::participation
