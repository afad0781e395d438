import { words } from '../language';
import { voteTexts } from './vote_texts';

export const useVoteWords = words('vote', voteTexts);
