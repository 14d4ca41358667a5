import { Component } from '@angular/core';

@Component({ selector: 'app-pricing', template: '<button data-token="%TOKEN_preloaded-route%">Prices</button>' })
export class Pricing {}
