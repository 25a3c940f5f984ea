import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme-without-fonts';
import CheckAny from './CheckAny.vue';
import FigureOf from './FigureOf.vue';
import RunExplorer from './RunExplorer.vue';
import TryIt from './TryIt.vue';
import TryMutant from './TryMutant.vue';
import './style.css';

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('CheckAny', CheckAny);
    app.component('RunExplorer', RunExplorer);
    app.component('TryIt', TryIt);
    app.component('TryMutant', TryMutant);
    app.component('FigureOf', FigureOf);
  },
} satisfies Theme;
