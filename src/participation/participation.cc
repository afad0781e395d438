#include "participation/participation.h"

#include "civic/office.h"
#include "participation/comment_routes.h"
#include "participation/inspection_routes.h"
#include "participation/keeper.h"
#include "participation/moderation_routes.h"
#include "participation/people_routes.h"
#include "participation/proposal_routes.h"
#include "participation/round_routes.h"

namespace cityloop::participation {
namespace {

constexpr std::size_t kCodesWaiting = 64;
// Tries of one voting code: as many as somebody mistypes, and no way to guess.
constexpr RateRule kCodeTries{0.5, 10};

}  // namespace

struct Participation::Inside {
  Inside(const ParticipationHouse& house, std::unique_ptr<People> people_are, std::unique_ptr<Discussion> discussion_is,
         std::unique_ptr<Roll> roll_is, std::unique_ptr<BallotBox> box_is, PersonKeys keys_are)
      : settings(house.settings),
        people(std::move(people_are)),
        discussion(std::move(discussion_is)),
        roll(std::move(roll_is)),
        box(std::move(box_is)),
        keys(std::move(keys_are)),
        limits{civic::RateLimit(settings.proposals), civic::RateLimit(settings.comments_rate),
               civic::RateLimit(settings.supports),  civic::RateLimit(settings.letters),
               civic::RateLimit(settings.ballots),   civic::RateLimit(kCodeTries)},
        forum{settings,
              house.civic.office(),
              *people,
              *discussion,
              keys,
              *roll,
              *box,
              board,
              {settings, house.civic.office().city, house.civic.office().twin, house.civic.office().shelf, *people,
               *discussion},
              registrar,
              limits,
              refusals,
              gate,
              refreshing,
              house.data_folder + "/ballots",
              house.links_at_hand,
              house.area_of},
        keeper(forum),
        letters(
            settings, [this]() -> const civic::CivicSettings& { return forum.civic.settings(); }, forum.civic.city.name,
            *people, keys, forum.civic.wall) {}

  const ParticipationSettings settings;
  std::unique_ptr<People> people;
  std::unique_ptr<Discussion> discussion;
  std::unique_ptr<Roll> roll;
  std::unique_ptr<BallotBox> box;
  PersonKeys keys;
  ProposalBoard board;
  civic::Clerk registrar{kCodesWaiting};
  ForumLimits limits;
  ForumRefusals refusals;
  VotingGate gate;
  std::mutex refreshing;
  Forum forum;
  Keeper keeper;
  Letters letters;
};

std::string roll_file(const std::string& data_folder) {
  return data_folder + "/roll.db";
}

Participation::Participation(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

Participation::~Participation() {
  stop();
}

base::Result<std::unique_ptr<Participation>> Participation::open(const ParticipationHouse& house) {
  auto people = TRY(People::open(house.data_folder + "/participation.db"));
  auto discussion = TRY(Discussion::open(house.data_folder + "/participation.db"));
  auto roll = TRY(Roll::open(roll_file(house.data_folder)));
  auto box = TRY(BallotBox::open(house.data_folder + "/ballots.db"));
  auto keys = TRY(PersonKeys::open(house.data_folder + "/participation.key"));
  return std::unique_ptr<Participation>(new Participation(std::make_unique<Inside>(
      house, std::move(people), std::move(discussion), std::move(roll), std::move(box), std::move(keys))));
}

void Participation::add_to(net::Router& router) const {
  const Forum& forum = inside_->forum;
  PeopleRoutes{forum}.add_to(router);
  ProposalRoutes{forum}.add_to(router);
  CommentRoutes{forum}.add_to(router);
  ModerationRoutes{forum}.add_to(router);
  RoundRoutes{forum}.add_to(router);
  InspectionRoutes{forum, inside_->keeper.inspections()}.add_to(router);
}

base::Status Participation::start() {
  TRY(inside_->keeper.start());
  return inside_->letters.start();
}

void Participation::stop() {
  inside_->letters.stop();
  inside_->keeper.stop();
  inside_->registrar.close();
}

void Participation::settle() const {
  inside_->keeper.settle();
}

std::vector<std::pair<std::string, double>> Participation::counters() const {
  const Keeper::Stats kept = inside_->keeper.stats();
  const Letters::Stats letters = inside_->letters.stats();
  const ForumRefusals& refusals = inside_->refusals;
  const ForumLimits& limits = inside_->limits;
  return {
      {"participation_proposals", double(inside_->board.size())},
      {"participation_failures", double(kept.failures)},
      {"participation_persons_erased", double(kept.persons_erased)},
      {"participation_letters_sent", double(letters.sent)},
      {"participation_letters_failed", double(letters.failed)},
      {"participation_codes_refused", double(refusals.codes)},
      {"participation_ballots_refused", double(refusals.ballots)},
      {"participation_persons_refused", double(refusals.persons)},
      {"participation_proposals_refused", double(refusals.proposals)},
      {"participation_supports_limited", double(limits.supports.refused())},
      {"participation_comments_limited", double(limits.comments.refused())},
      {"participation_ballots_limited", double(limits.ballots.refused())},
  };
}

}  // namespace cityloop::participation
